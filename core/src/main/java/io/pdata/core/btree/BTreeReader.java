package io.pdata.core.btree;

import static io.pdata.core.btree.NodeLayout.POINTER_SIZE;
import static io.pdata.core.btree.NodeValidator.NODE;

import io.pdata.core.block.Block;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.transaction.BlockReader;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/**
 * Reads trees of one kind: any number of roots.
 *
 * <p>Over a {@link io.pdata.core.transaction.ReadView} any number of threads may use one reader; over a running
 * transaction only the writer. A lookup costs one binary search for each node of its path, takes no lock where nodes are
 * cached (it reads optimistically), and allocates nothing.
 *
 * <p>Errors: {@link CorruptionException} with the path to the block.
 *
 * <p>Source: format document "persistent-data", sections 6 and 7.
 */
public class BTreeReader {
    /**
     * The most nodes from a root to a leaf. The kernel's cursors go no deeper either; a tree whose nodes are a third full
     * has 84 children to a node, so the largest metadata, 2^22 blocks, has room for a height of 5. Whatever is deeper has
     * a cycle in it.
     */
    static final int MAX_DEPTH = 16;

    /** For lookups that want to know only whether something is there. */
    static final MemorySegment NOWHERE = MemorySegment.ofArray(new byte[0]);

    private static final long NO_TREE = -1;

    private final BlockReader blocks;
    private final int levels;
    private final int valueSize;

    /**
     * @param levels how many keys lead to a value, 1 for a plain tree
     * @param valueSize the size of the values, in bytes, 1 to 1346
     */
    public BTreeReader(BlockReader blocks, int levels, int valueSize) {
        if (levels < 1) {
            throw new IllegalArgumentException("a tree of " + levels + " levels");
        }
        NodeLayout.capacity(valueSize);
        this.blocks = blocks;
        this.levels = levels;
        this.valueSize = valueSize;
    }

    public final int levels() {
        return levels;
    }

    public final int valueSize() {
        return valueSize;
    }

    /** One-level trees: copies the value of {@code key} to the start of {@code value}; returns whether it is there. */
    public final boolean lookup(long root, long key, MemorySegment value) {
        checkOneLevel();
        return search(root, key, valueSize, value, 0) != 0;
    }

    /** One-level trees with 8-byte values: the value of {@code key}, or {@code absent} if it is not there. */
    public final long lookupLong(long root, long key, long absent) {
        checkOneLevel();
        checkLongValues();
        return search(root, key, POINTER_SIZE, null, absent);
    }

    /** Copies the value of {@code keys}, one for each level, to the start of {@code value}; returns whether it is there. */
    public final boolean lookup(long root, long[] keys, MemorySegment value) {
        checkKeys(keys.length);
        long tree = lastTree(root, keys);
        return tree != NO_TREE && search(tree, keys[levels - 1], valueSize, value, 0) != 0;
    }

    /** As {@link #lookupLong(long, long, long)}, with one key for each level. */
    public final long lookupLong(long root, long[] keys, long absent) {
        checkKeys(keys.length);
        checkLongValues();
        long tree = lastTree(root, keys);
        return tree == NO_TREE ? absent : search(tree, keys[levels - 1], POINTER_SIZE, null, absent);
    }

    /** One-level trees: whether there is a value of {@code key}. */
    final boolean contains(long root, long key) {
        return search(root, key, valueSize, NOWHERE, 0) != 0;
    }

    /** Whether there is a value of {@code keys}. */
    final boolean contains(long root, long[] keys) {
        long tree = lastTree(root, keys);
        return tree != NO_TREE && search(tree, keys[levels - 1], valueSize, NOWHERE, 0) != 0;
    }

    /**
     * The entry with the smallest last-level key at or above the given one, within the tree that the keys before it lead
     * to.
     *
     * @param keys one for each level; the last is set to the key that is found
     * @param value gets the value at its start
     * @return whether there is one
     */
    public final boolean lookupNext(long root, long[] keys, MemorySegment value) {
        checkKeys(keys.length);
        long tree = lastTree(root, keys);
        return tree != NO_TREE && EdgeSearch.next(this, tree, keys, value);
    }

    /**
     * One-level trees with 8-byte values: copies the entries with the smallest keys at or above {@code from}, in ascending
     * order. Copies at least one if there is any, and at most those of one leaf; the caller continues after the last.
     *
     * @param values of the same length as {@code keys}, which is at least 1
     * @return how many entries were copied
     */
    public final int lookupNext(long root, long from, long[] keys, long[] values) {
        checkOneLevel();
        checkLongValues();
        return EdgeSearch.nextLongs(this, root, from, keys, values);
    }

    /** One-level trees: the smallest key, if there is one. */
    public final OptionalLong lowestKey(long root) {
        checkOneLevel();
        long[] key = {0};
        return EdgeSearch.next(this, root, key, NOWHERE) ? OptionalLong.of(key[0]) : OptionalLong.empty();
    }

    /** One-level trees: the largest key, if there is one. */
    public final OptionalLong highestKey(long root) {
        checkOneLevel();
        return EdgeSearch.highest(this, root);
    }

    /** In-order visit of a one-level tree, until the visitor has had enough. */
    public final void walk(long root, EntryVisitor visitor) {
        try (Cursor cursor = cursor(root)) {
            while (cursor.valid() && visitor.visit(cursor.key(), cursor.block(), cursor.valueOffset())) {
                cursor.next();
            }
        }
    }

    /** A cursor on the first entry of a one-level tree. */
    public final Cursor cursor(long root) {
        return cursor(root, false);
    }

    /**
     * A cursor on the first entry of a one-level tree.
     *
     * @param prefetchValues whether the values are numbers of metadata blocks, which will be wanted soon too
     */
    public final Cursor cursor(long root, boolean prefetchValues) {
        checkOneLevel();
        if (prefetchValues) {
            checkLongValues();
        }
        return new Cursor(this, root, prefetchValues);
    }

    /** What {@link #walk} calls. */
    @FunctionalInterface
    public interface EntryVisitor {
        /**
         * Is shown an entry.
         *
         * @param block holds the value; valid during the call only
         * @param valueOffset where in it the value begins
         * @return whether to go on
         */
        boolean visit(long key, MemorySegment block, long valueOffset);
    }

    final void checkOneLevel() {
        if (levels != 1) {
            throw new IllegalStateException("a tree of " + levels + " levels takes as many keys");
        }
    }

    final void checkLongValues() {
        if (valueSize != Long.BYTES) {
            throw new IllegalStateException("the values of this tree have " + valueSize + " bytes, not 8");
        }
    }

    final void checkKeys(int keys) {
        if (keys != levels) {
            throw new IllegalArgumentException(keys + " keys for a tree of " + levels + " levels");
        }
    }

    /** The root of the last-level tree that the keys before the last lead to, or {@link #NO_TREE}. */
    private long lastTree(long root, long[] keys) {
        long tree = root;
        for (int i = 0; i < levels - 1; i++) {
            long next = search(tree, keys[i], POINTER_SIZE, null, NO_TREE);
            if (next == NO_TREE) {
                if (search(tree, keys[i], POINTER_SIZE, NOWHERE, 0) != 0) {
                    throw new CorruptionException(NO_TREE, NODE.type(), "is no block number")
                            .via("key " + Long.toUnsignedString(keys[i]) + " of tree root " + tree);
                }
                return NO_TREE;
            }
            tree = next;
        }
        return tree;
    }

    /**
     * Looks a key up in one tree.
     *
     * @param size what the values in the leaves must have
     * @param target gets a copy of the value, unless it is {@link #NOWHERE}; null: the value, of 8 bytes, is the result
     * @return the value; with a target 1 if the key is there; {@code absent} if it is not
     */
    private long search(long root, long key, int size, MemorySegment target, long absent) {
        long block = root;
        for (int depth = 0; depth < MAX_DEPTH; depth++) {
            Block node = blocks.cached(block);
            long stamp = node == null ? 0 : node.stampFor(block, NODE);
            if (stamp == 0) {
                return searchLocked(root, block, key, size, target, absent);
            }
            MemorySegment data = node.data();
            int slot = Node.lower(data, key);
            boolean leaf = Node.isLeaf(data);
            boolean sane = Node.valueSize(data) == (leaf ? size : POINTER_SIZE) && slot >= 0;
            long child = Node.longValue(data, Math.max(slot, 0));
            long result = absent;
            if (leaf && sane && Node.key(data, slot) == key) {
                result = value(data, slot, size, target);
            }
            if (!sane || !node.validate(stamp)) {
                return searchLocked(root, block, key, size, target, absent);
            }
            if (leaf) {
                return result;
            }
            block = child;
        }
        throw located(tooDeep(block), root, key);
    }

    /** The rest of a lookup, from {@code start} on, where optimism did not help or something is wrong. */
    private long searchLocked(long root, long start, long key, int size, MemorySegment target, long absent) {
        long block = start;
        try {
            for (int depth = 0; depth < MAX_DEPTH; depth++) {
                try (Block node = lock(block, size)) {
                    MemorySegment data = node.data();
                    int slot = Node.lower(data, key);
                    if (Node.isLeaf(data)) {
                        return Node.holds(data, slot, key) ? value(data, slot, size, target) : absent;
                    }
                    if (slot < 0) {
                        return absent;
                    }
                    block = Node.longValue(data, slot);
                }
            }
            throw tooDeep(block);
        } catch (CorruptionException e) {
            throw located(e, root, key);
        }
    }

    private static long value(MemorySegment data, int slot, int size, MemorySegment target) {
        if (target == null) {
            return Node.longValue(data, slot);
        }
        if (target != NOWHERE) {
            MemorySegment.copy(data, Node.valueOffset(data, slot, size), target, 0, size);
        }
        return 1;
    }

    /** Locks a node for reading; its leaves must have values of {@code size} bytes. */
    final Block lock(long block, int size) {
        Block node = blocks.readLock(block, NODE);
        try {
            Node.check(node, size);
            return node;
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
    }

    final BlockReader blocks() {
        return blocks;
    }

    static CorruptionException tooDeep(long block) {
        return new CorruptionException(block, NODE.type(),
                "is the " + (MAX_DEPTH + 1) + "th on its way: deeper than any tree can be");
    }

    /** Adds the way from the root to the block that is damaged, which the lookup has not recorded, to an error. */
    private CorruptionException located(CorruptionException e, long root, long key) {
        StringBuilder path = new StringBuilder("tree root ").append(root);
        long block = root;
        for (int depth = 0; depth < MAX_DEPTH && block != e.block(); depth++) {
            try (Block node = blocks.readLock(block, NODE)) {
                int slot = Node.lower(node.data(), key);
                if (slot < 0 || Node.isLeaf(node.data())) {
                    break;
                }
                path.append(" > slot ").append(slot).append(" of node ").append(block);
                block = Node.longValue(node.data(), slot);
            } catch (CorruptionException again) {
                return e.via(path.toString());
            }
        }
        return e.via(path.toString());
    }
}

package io.pdata.core.btree;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Changes trees of one kind, copy-on-write: any number of roots, one operation at a time.
 *
 * <p>Every operation shadows the nodes on its way down and moves the {@link TreeRoot}. It costs the height of the tree:
 * at most one copy for each node of the path and its neighbours, none for nodes copied before in the same transaction.
 * Two nodes (with their neighbours, while entries are moved) are locked at a time, none when a method returns or throws.
 *
 * <p>An exception in the middle of an operation leaves the tree in no defined state: the transaction has to be rolled
 * back, as the last commit is intact. In particular {@link io.pdata.core.space.NoSpaceException}, and
 * {@link CorruptionException} with the path to the block.
 *
 * <p>Used by the one writer. Operations allocate no objects but on errors.
 *
 * <p>Source: format document "persistent-data", sections 8 and 9. The order of allocations and of changes of counts, and
 * the bytes that moves leave behind, are the kernel's, with two exceptions where the kernel's result would be a damaged
 * tree: an only child that is shared has its children's counts raised when it is pulled up, and the upper levels of
 * nested trees have leaves for 8-byte values whatever the size on the last level.
 */
public final class BTree extends BTreeReader {
    private final ValueType type;
    private final TransactionManager transactions;
    private final Level[] levels;
    private final Spine spine = new Spine();
    private final Insertion insertion;
    private final Removal removal;
    private TreeDeletion deletion;

    // Arguments of the one-key and long-value methods, so that these need not allocate.
    private final long[] oneKey = new long[1];
    private final MemorySegment longValue = Arena.ofAuto().allocate(Long.BYTES);

    /**
     * @param levels how many keys lead to a value, 1 for a plain tree
     * @param type what the values, at the last level, are
     */
    public BTree(TransactionManager transactions, int levels, ValueType type) {
        super(transactions, levels, type.size());
        this.type = type;
        this.transactions = transactions;
        this.levels = new Level[levels];
        for (int i = 0; i < levels; i++) {
            this.levels[i] = new Level(transactions,
                    i < levels - 1 ? ValueType.blockReferences(transactions) : type);
        }
        this.insertion = new Insertion(transactions, this.levels, spine);
        this.removal = new Removal(transactions, this.levels, spine);
    }

    /** What the values are. */
    public ValueType type() {
        return type;
    }

    /** Makes a new empty tree: one leaf. */
    public TreeRoot empty() {
        try (Block leaf = levels[0].newLeaf()) {
            return new TreeRoot(leaf.number());
        }
    }

    /** One-level trees: inserts or overwrites the value at the start of {@code value}; returns whether the key is new. */
    public boolean insert(TreeRoot root, long key, MemorySegment value) {
        return insert(root, single(key), value);
    }

    /**
     * Inserts a value, or overwrites the one that is there. The new value's references are handed over to the tree; those
     * of an overwritten one are given up, unless the two are {@link ValueType#equal equal}. Missing sub-trees are made.
     *
     * @param keys one for each level
     * @param value has the value at its start
     * @return whether the key is new
     */
    public boolean insert(TreeRoot root, long[] keys, MemorySegment value) {
        checkKeys(keys);
        try {
            boolean isNew = insertion.insert(root.block(), keys, value);
            root.moveTo(spine.root());
            return isNew;
        } catch (CorruptionException e) {
            throw e.via(way(root, keys));
        } finally {
            spine.close();
        }
    }

    /** As {@link #insert(TreeRoot, long, MemorySegment)}, for 8-byte values. */
    public boolean insertLong(TreeRoot root, long key, long value) {
        return insertLong(root, single(key), value);
    }

    /** As {@link #insert(TreeRoot, long[], MemorySegment)}, for 8-byte values. */
    public boolean insertLong(TreeRoot root, long[] keys, long value) {
        checkLongValues();
        longValue.set(Bytes.U64, 0, value);
        return insert(root, keys, longValue);
    }

    /** One-level trees: removes an entry; returns whether it was there. If it was not, nothing has changed. */
    public boolean remove(TreeRoot root, long key) {
        return remove(root, single(key));
    }

    /**
     * Removes an entry and gives up what its value refers to. Nodes that get too thin are merged with neighbours; a
     * sub-tree that becomes empty stays.
     *
     * <p>Looks the key up first, as a removal rearranges the tree on its way before it can know that there is nothing.
     *
     * @param keys one for each level
     * @return whether it was there; if it was not, nothing has changed
     */
    public boolean remove(TreeRoot root, long[] keys) {
        checkKeys(keys);
        if (!contains(root.block(), keys)) {
            return false;
        }
        try {
            if (!removal.remove(root.block(), keys)) {
                throw new CorruptionException(spine.current().number(), NodeValidator.NODE.type(),
                        "a key that can be looked up is not found when it is to be removed: keys are out of order");
            }
            root.moveTo(spine.root());
            return true;
        } catch (CorruptionException e) {
            throw e.via(way(root, keys));
        } finally {
            spine.close();
        }
    }

    /**
     * Removes, one after the other, the entries that follow each other in {@code [keys[last], end)}. Stops at the first
     * gap that a leaf ends or begins with, so it may stop early: who wants a whole range removed goes on at
     * {@link #lookupNext} until nothing is left.
     *
     * @param keys one for each level; the last is where to begin, and is not changed
     * @param end the first key that stays
     * @return how many entries were removed
     */
    public long removeLeaves(TreeRoot root, long[] keys, long end) {
        checkKeys(keys);
        long from = keys[keys.length - 1];
        long removed = 0;
        boolean more = true;
        while (more) {
            try {
                more = removal.removeNearest(root.block(), keys, from, end);
                root.moveTo(spine.root());
            } catch (CorruptionException e) {
                throw e.via(way(root, keys));
            } finally {
                spine.close();
            }
            if (more) {
                from = removal.removedKey() + 1;
                removed++;
            }
        }
        return removed;
    }

    /**
     * One-level trees: shadows down to the leaf of a key and lets {@code editor} change the value in place. No counts of
     * values are touched.
     *
     * @return whether the key was there; if it was not, the tree is unchanged but for having been copied
     */
    public boolean overwrite(TreeRoot root, long key, ValueEditor editor) {
        checkOneLevel();
        try {
            int slot = insertion.descendTo(root.block(), key);
            if (slot >= 0) {
                MemorySegment leaf = spine.current().data();
                editor.edit(leaf, Node.valueOffset(leaf, slot, type.size()));
            }
            root.moveTo(spine.root());
            return slot >= 0;
        } catch (CorruptionException e) {
            throw e.via(way(root, single(key)));
        } finally {
            spine.close();
        }
    }

    /**
     * Drops a reference to a whole tree, all levels of it. What nobody else refers to is freed, and the values in it are
     * given up. O(nodes freed).
     */
    public void delete(long root) {
        if (deletion == null) {
            deletion = new TreeDeletion(transactions, levels);
        }
        try {
            deletion.delete(root);
        } catch (CorruptionException e) {
            throw e.via("tree root " + root);
        }
    }

    /** What {@link #overwrite} calls. */
    @FunctionalInterface
    public interface ValueEditor {
        /**
         * Changes a value in place.
         *
         * @param leaf locked for writing during the call
         * @param valueOffset where in it the value begins
         */
        void edit(MemorySegment leaf, long valueOffset);
    }

    private long[] single(long key) {
        oneKey[0] = key;
        return oneKey;
    }

    private static String way(TreeRoot root, long[] keys) {
        StringBuilder way = new StringBuilder("tree root ").append(root.block()).append(" for key");
        for (long key : keys) {
            way.append(' ').append(Long.toUnsignedString(key));
        }
        return way.toString();
    }
}

package io.pdata.core.btree;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.transaction.TransactionManager;
import io.pdata.core.transaction.TransactionState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Changes trees of one kind, copy-on-write: any number of roots, one operation at a time.
 *
 * <p>Every operation shadows the nodes on its way down and moves the {@link TreeRoot}. It costs the height of the tree:
 * at most one copy for each node of the path and its neighbours, none for nodes copied before in the same transaction.
 * Two nodes (with their neighbours, while entries are moved) are locked at a time, none when a method returns or throws.
 *
 * <p>If a change throws, it may have been made by half: the transaction can only be rolled back, and the last commit is
 * intact. In particular {@link io.pdata.core.space.NoSpaceException}, {@link CorruptionException} with the path to the
 * block, and what an editor or a value type throws. Not so after a wrong number of keys or a root that is refused: then
 * nothing has happened.
 *
 * <p>Used by one thread at a time. Operations allocate no objects but on errors.
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
            return new TreeRoot(leaf.number(), transactions.mark());
        }
    }

    /** One-level trees: inserts or overwrites the value at the start of {@code value}; returns whether the key is new. */
    public boolean insert(TreeRoot root, long key, MemorySegment value) {
        try (TransactionState change = begin(root, 1)) {
            boolean isNew = insert(root, single(key), value);
            change.complete();
            return isNew;
        }
    }

    /** Looks at the arguments, and opens the change: from here on no other thread gets in, and an exception ends all. */
    private TransactionState begin(TreeRoot root, int keys) {
        checkKeys(keys);
        root.check(transactions);
        return transactions.change();
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
        try (TransactionState change = begin(root, keys.length); Spine _ = spine.checkIdle()) {
            checkValue(value);
            boolean isNew = insertion.insert(root.block(), keys, value);
            root.changed(spine.root(), transactions.mark());
            change.complete();
            return isNew;
        } catch (CorruptionException e) {
            throw e.via(way(root, keys));
        }
    }

    private void checkValue(MemorySegment value) {
        if (value.byteSize() < type.size()) {
            throw new IllegalArgumentException(
                    "a value of " + value.byteSize() + " bytes for a tree of values of " + type.size());
        }
    }

    /** As {@link #insert(TreeRoot, long, MemorySegment)}, for 8-byte values. */
    public boolean insertLong(TreeRoot root, long key, long value) {
        checkLongValues();
        try (TransactionState change = begin(root, 1)) {
            longValue.set(Bytes.U64, 0, value);
            boolean isNew = insert(root, single(key), longValue);
            change.complete();
            return isNew;
        }
    }

    /** As {@link #insert(TreeRoot, long[], MemorySegment)}, for 8-byte values. */
    public boolean insertLong(TreeRoot root, long[] keys, long value) {
        checkLongValues();
        try (TransactionState change = begin(root, keys.length)) {
            longValue.set(Bytes.U64, 0, value);
            boolean isNew = insert(root, keys, longValue);
            change.complete();
            return isNew;
        }
    }

    /** One-level trees: removes an entry; returns whether it was there. If it was not, nothing has changed. */
    public boolean remove(TreeRoot root, long key) {
        checkOneLevel();
        root.check(transactions);
        transactions.checkUsable();
        if (!contains(root.block(), key)) {
            return false;
        }
        try (TransactionState change = transactions.change()) {
            removePresent(root, single(key));
            change.complete();
            return true;
        }
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
        checkKeys(keys.length);
        root.check(transactions);
        transactions.checkUsable();
        if (!contains(root.block(), keys)) {
            return false;
        }
        removePresent(root, keys);
        return true;
    }

    private void removePresent(TreeRoot root, long[] keys) {
        try (TransactionState change = transactions.change(); Spine _ = spine.checkIdle()) {
            if (!removal.remove(root.block(), keys)) {
                throw new CorruptionException(spine.current().number(), NodeValidator.NODE.type(),
                        "a key that can be looked up is not found when it is to be removed: keys are out of order");
            }
            root.changed(spine.root(), transactions.mark());
            change.complete();
        } catch (CorruptionException e) {
            throw e.via(way(root, keys));
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
        checkKeys(keys.length);
        long from = keys[keys.length - 1];
        long removed = 0;
        try (TransactionState change = begin(root, keys.length)) {
            while (removeNearest(root, keys, from, end)) {
                from = removal.removedKey() + 1;
                removed++;
            }
            change.complete();
            return removed;
        } catch (CorruptionException e) {
            throw e.via(way(root, keys));
        }
    }

    private boolean removeNearest(TreeRoot root, long[] keys, long from, long end) {
        try (Spine _ = spine.checkIdle()) {
            boolean removed = removal.removeNearest(root.block(), keys, from, end);
            root.changed(spine.root(), transactions.mark());
            return removed;
        }
    }

    /**
     * One-level trees: shadows down to the leaf of a key and lets {@code editor} change the value in place. No counts of
     * values are touched.
     *
     * @return whether the key was there; if it was not, the tree is unchanged but for having been copied
     */
    public boolean overwrite(TreeRoot root, long key, ValueEditor editor) {
        checkOneLevel();
        root.check(transactions);
        try (TransactionState change = transactions.change(); Spine _ = spine.checkIdle()) {
            int slot = insertion.descendTo(root.block(), key);
            if (slot >= 0) {
                MemorySegment leaf = spine.current().data();
                editor.edit(leaf, Node.valueOffset(leaf, slot, type.size()));
            }
            root.changed(spine.root(), transactions.mark());
            change.complete();
            return slot >= 0;
        } catch (CorruptionException e) {
            throw e.via(way(root, single(key)));
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
        try (TransactionState change = transactions.change()) {
            deletion.delete(root);
            change.complete();
        } catch (CorruptionException e) {
            throw e.via("tree root " + root);
        }
    }

    /** What {@link #overwrite} calls. */
    @FunctionalInterface
    public interface ValueEditor {
        /**
         * Changes a value in place. It must not use the tree: its node is locked, and lookups are refused like changes.
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

package io.pdata.core.btree;

import io.pdata.core.block.Block;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;

/** STUB. A tree that can be changed. */
public final class BTree extends BTreeReader {
    public BTree(TransactionManager transactions, int levels, ValueType type) {}

    /** A new empty tree: one leaf. */
    public TreeRoot empty() {
        throw new UnsupportedOperationException();
    }

    /** One-level trees. Returns whether the key was new. */
    public boolean insert(TreeRoot root, long key, MemorySegment value) {
        throw new UnsupportedOperationException();
    }

    public boolean insert(TreeRoot root, long[] keys, MemorySegment value) {
        throw new UnsupportedOperationException();
    }

    public boolean insertLong(TreeRoot root, long key, long value) {
        throw new UnsupportedOperationException();
    }

    public boolean insertLong(TreeRoot root, long[] keys, long value) {
        throw new UnsupportedOperationException();
    }

    /** Returns whether the key was there; if not, the root is unchanged. */
    public boolean remove(TreeRoot root, long key) {
        throw new UnsupportedOperationException();
    }

    public boolean remove(TreeRoot root, long[] keys) {
        throw new UnsupportedOperationException();
    }

    /** Format document 9.3: removes a contiguous run; returns how many. keys[last] is the first key, end is exclusive. */
    public long removeLeaves(TreeRoot root, long[] keys, long end) {
        throw new UnsupportedOperationException();
    }

    /** Format document 8.6: shadows down to the leaf of an existing key and lets the caller change the value in place. */
    public boolean overwrite(TreeRoot root, long key, ValueEditor editor) {
        throw new UnsupportedOperationException();
    }

    /** Drops a whole tree (all levels). */
    public void delete(long root) {
        throw new UnsupportedOperationException();
    }

    @FunctionalInterface
    public interface ValueEditor {
        void edit(MemorySegment leaf, long valueOffset);
    }
}

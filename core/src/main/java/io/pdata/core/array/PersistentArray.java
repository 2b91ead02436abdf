package io.pdata.core.array;

import io.pdata.core.btree.TreeRoot;
import io.pdata.core.btree.ValueType;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;

/** STUB. Extends ArrayReader, which has get, walk and cursor over a BlockReader. */
public final class PersistentArray {
    public PersistentArray(TransactionManager transactions, ValueType type) {}

    public TreeRoot empty() {
        throw new UnsupportedOperationException();
    }

    /** Fills value number {@code index} at {@code offset} of {@code block}. */
    @FunctionalInterface
    public interface Filler {
        void fill(long index, MemorySegment block, long offset);
    }

    public TreeRoot create(long size, Filler filler) {
        throw new UnsupportedOperationException();
    }

    public void resize(TreeRoot root, long oldSize, long newSize, MemorySegment value) {
        throw new UnsupportedOperationException();
    }

    public boolean get(long root, long index, MemorySegment value) {
        throw new UnsupportedOperationException();
    }

    public void set(TreeRoot root, long index, MemorySegment value) {
        throw new UnsupportedOperationException();
    }

    public long getLong(long root, long index) {
        throw new UnsupportedOperationException();
    }

    public void setLong(TreeRoot root, long index, long value) {
        throw new UnsupportedOperationException();
    }

    public int getInt(long root, long index) {
        throw new UnsupportedOperationException();
    }

    public void setInt(TreeRoot root, long index, int value) {
        throw new UnsupportedOperationException();
    }

    public void delete(long root) {
        throw new UnsupportedOperationException();
    }
}

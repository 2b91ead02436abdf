package io.pdata.core.bitset;

import io.pdata.core.btree.TreeRoot;
import io.pdata.core.transaction.TransactionManager;
import java.util.function.LongPredicate;

/** STUB. One instance caches one word of one bitset (format document 11). */
public final class PersistentBitset {
    public PersistentBitset(TransactionManager transactions) {}

    public TreeRoot empty() {
        throw new UnsupportedOperationException();
    }
    public TreeRoot create(long bits, LongPredicate value) {
        throw new UnsupportedOperationException();
    }
    public void resize(TreeRoot root, long oldBits, long newBits, boolean value) {
        throw new UnsupportedOperationException();
    }
    public boolean test(TreeRoot root, long bit) {
        throw new UnsupportedOperationException();
    }
    public void set(TreeRoot root, long bit) {
        throw new UnsupportedOperationException();
    }
    public void clear(TreeRoot root, long bit) {
        throw new UnsupportedOperationException();
    }
    public void flush(TreeRoot root) {
        throw new UnsupportedOperationException();
    }
    public void delete(long root) {
        throw new UnsupportedOperationException();
    }
}

package io.pdata.era;

import io.pdata.core.bitset.PersistentBitset;
import io.pdata.core.btree.ValueType;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;

/** The values of the writeset tree: each owns one reference to a bitset. Source: format document "era", section 2. */
final class WritesetType implements ValueType {
    private final TransactionManager transactions;
    private final PersistentBitset bitsets;

    WritesetType(TransactionManager transactions) {
        this.transactions = transactions;
        this.bitsets = new PersistentBitset(transactions);
    }

    @Override
    public int size() {
        return Writeset.SIZE;
    }

    @Override
    public void inc(MemorySegment values, long offset, int count) {
        for (int i = 0; i < count; i++) {
            transactions.inc(Writeset.read(values, offset + (long) i * Writeset.SIZE).root());
        }
    }

    @Override
    public void dec(MemorySegment values, long offset, int count) {
        for (int i = 0; i < count; i++) {
            bitsets.delete(Writeset.read(values, offset + (long) i * Writeset.SIZE).root());
        }
    }
}

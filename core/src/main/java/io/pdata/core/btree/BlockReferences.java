package io.pdata.core.btree;

import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;

/** Values that are numbers of metadata blocks, each of them a reference. */
final class BlockReferences implements ValueType {
    private final TransactionManager transactions;

    BlockReferences(TransactionManager transactions) {
        this.transactions = transactions;
    }

    @Override
    public int size() {
        return NodeLayout.POINTER_SIZE;
    }

    @Override
    public void inc(MemorySegment values, long offset, int count) {
        ValueRuns.forEach(values, offset, count, 0, transactions::inc);
    }

    @Override
    public void dec(MemorySegment values, long offset, int count) {
        ValueRuns.forEach(values, offset, count, 0, transactions::dec);
    }
}

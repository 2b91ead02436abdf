package io.pdata.thin;

import io.pdata.core.block.Bytes;
import io.pdata.core.btree.BTree;
import io.pdata.core.btree.ValueType;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;

/**
 * The values of the mapping tree's upper level: roots of the devices' trees. Giving one up deletes the whole tree, as
 * far as nobody else has it. Source: format document, section 2 ("top-level view").
 */
final class SubtreeType implements ValueType {
    private final TransactionManager transactions;
    private final BTree subtrees;

    SubtreeType(TransactionManager transactions, BTree subtrees) {
        this.transactions = transactions;
        this.subtrees = subtrees;
    }

    @Override
    public int size() {
        return Long.BYTES;
    }

    @Override
    public void inc(MemorySegment values, long offset, int count) {
        for (int i = 0; i < count; i++) {
            transactions.inc(values.get(Bytes.U64, offset + (long) i * Long.BYTES));
        }
    }

    @Override
    public void dec(MemorySegment values, long offset, int count) {
        for (int i = 0; i < count; i++) {
            subtrees.delete(values.get(Bytes.U64, offset + (long) i * Long.BYTES));
        }
    }
}

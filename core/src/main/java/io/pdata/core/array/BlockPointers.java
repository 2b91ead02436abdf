package io.pdata.core.array;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.ValueType;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;

/**
 * The values of an array's tree: array blocks. Giving up the last reference to one gives up the values in it. Source:
 * format document "persistent-data", section 10.1.
 */
final class BlockPointers implements ValueType {
    private final TransactionManager transactions;
    private final ValueType values;
    private boolean moving;

    BlockPointers(TransactionManager transactions, ValueType values) {
        this.transactions = transactions;
        this.values = values;
    }

    /** Whether the blocks given up live on as copies, which have taken over their values. */
    void moving(boolean now) {
        moving = now;
    }

    @Override
    public int size() {
        return Long.BYTES;
    }

    @Override
    public void inc(MemorySegment pointers, long offset, int count) {
        for (int i = 0; i < count; i++) {
            transactions.inc(pointers.get(Bytes.U64, offset + (long) i * Long.BYTES));
        }
    }

    @Override
    public void dec(MemorySegment pointers, long offset, int count) {
        for (int i = 0; i < count; i++) {
            long block = pointers.get(Bytes.U64, offset + (long) i * Long.BYTES);
            if (!moving && transactions.count(block) == 1) {
                releaseValues(block);
            }
            transactions.dec(block);
        }
    }

    private void releaseValues(long number) {
        try (Block block = transactions.readLock(number, ArrayBlock.VALIDATOR)) {
            int entries = ArrayBlock.entries(block.data());
            if (ArrayBlock.valueSize(block.data()) != values.size()) {
                throw new CorruptionException(number, ArrayBlock.VALIDATOR.type(), "has values of "
                        + ArrayBlock.valueSize(block.data()) + " bytes; expected " + values.size());
            }
            if (entries > 0) {
                values.dec(block.data(), ArrayBlock.valueOffset(0, values.size()), entries);
            }
        }
    }
}

package io.pdata.thin;

import io.pdata.core.block.Bytes;
import io.pdata.core.btree.ValueRuns;
import io.pdata.core.btree.ValueType;
import io.pdata.core.space.SpaceMap;
import java.lang.foreign.MemorySegment;

/**
 * Mappings refer to data blocks. Consecutive data blocks in consecutive slots are counted as one range - which decides
 * the order of the space map's operations - and a mapping replaced by one of the same data block releases nothing,
 * whatever the times.
 *
 * <p>Source: format document, section 2.
 */
final class MappingType implements ValueType {
    private final SpaceMap data;

    MappingType(SpaceMap data) {
        this.data = data;
    }

    @Override
    public int size() {
        return Long.BYTES;
    }

    @Override
    public void inc(MemorySegment values, long offset, int count) {
        ValueRuns.forEach(values, offset, count, BlockTime.TIME_BITS, data::inc);
    }

    @Override
    public void dec(MemorySegment values, long offset, int count) {
        ValueRuns.forEach(values, offset, count, BlockTime.TIME_BITS, data::dec);
    }

    @Override
    public boolean equal(MemorySegment a, long aOffset, MemorySegment b, long bOffset) {
        return block(a, aOffset) == block(b, bOffset);
    }

    private static long block(MemorySegment values, long offset) {
        return BlockTime.block(values.get(Bytes.U64, offset));
    }
}

package io.pdata.thin;

import io.pdata.core.block.Bytes;
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
        for (int i = 0; i < count;) {
            int run = run(values, offset, i, count);
            long begin = block(values, offset, i);
            data.inc(begin, begin + run);
            i += run;
        }
    }

    @Override
    public void dec(MemorySegment values, long offset, int count) {
        for (int i = 0; i < count;) {
            int run = run(values, offset, i, count);
            long begin = block(values, offset, i);
            data.dec(begin, begin + run);
            i += run;
        }
    }

    @Override
    public boolean equal(MemorySegment a, long aOffset, MemorySegment b, long bOffset) {
        return block(a, aOffset, 0) == block(b, bOffset, 0);
    }

    /** How many slots from {@code first} on hold consecutive data blocks. */
    private static int run(MemorySegment values, long offset, int first, int count) {
        long begin = block(values, offset, first);
        int next = first + 1;
        while (next < count && block(values, offset, next) == begin + (next - first)) {
            next++;
        }
        return next - first;
    }

    private static long block(MemorySegment values, long offset, int index) {
        return BlockTime.block(values.get(Bytes.U64, offset + (long) index * Long.BYTES));
    }
}

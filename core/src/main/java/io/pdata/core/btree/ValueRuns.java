package io.pdata.core.btree;

import io.pdata.core.block.Bytes;
import java.lang.foreign.MemorySegment;

/**
 * Merges runs of consecutive block numbers among 8-byte values, so that a space map is asked once for each run.
 *
 * <p>In slot order, a number that follows the last one extends the run; any other, repeated and descending ones too,
 * begins a new run. Which ranges are asked for, and in which order, decides bytes on disk. Source: format document
 * "persistent-data", section 6.5.
 */
public final class ValueRuns {
    /** Gets each run as the half-open range {@code [begin, end)}. */
    @FunctionalInterface
    public interface RangeAction {
        void accept(long begin, long end);
    }

    private ValueRuns() {}

    /**
     * Calls {@code action} for each run. O(count).
     *
     * @param values holds the values, 8 bytes each, from {@code offset} on
     * @param count how many there are
     * @param shift how many low bits of each value are not part of the block number (24 for a thin mapping, whose low
     *        bits are a time)
     */
    public static void forEach(MemorySegment values, long offset, int count, int shift, RangeAction action) {
        if (count == 0) {
            return;
        }
        long begin = values.get(Bytes.U64, offset) >>> shift;
        long end = begin + 1;
        for (int i = 1; i < count; i++) {
            long block = values.get(Bytes.U64, offset + (long) i * Long.BYTES) >>> shift;
            if (block != end) {
                action.accept(begin, end);
                begin = block;
            }
            end = block + 1;
        }
        action.accept(begin, end);
    }
}

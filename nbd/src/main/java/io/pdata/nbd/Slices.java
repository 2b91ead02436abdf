package io.pdata.nbd;

import java.lang.foreign.MemorySegment;

/**
 * Parts of a buffer. Those used last are kept, because the same ones are wanted again and again: requests of one size lie at
 * the same places whenever the buffer is filled from its beginning. For one thread.
 */
final class Slices {
    private static final int KEPT = 128;
    /** Parts that begin so far from each other are kept side by side. */
    private static final int DISTANCE = 4096;

    private final MemorySegment whole;
    private final MemorySegment[] kept = new MemorySegment[KEPT];

    Slices(MemorySegment whole) {
        this.whole = whole;
    }

    MemorySegment of(int offset, int length) {
        int place = offset / DISTANCE % KEPT;
        MemorySegment slice = kept[place];
        if (slice == null || slice.byteSize() != length || slice.address() - whole.address() != offset) {
            slice = whole.asSlice(offset, length);
            kept[place] = slice;
        }
        return slice;
    }
}

package io.pdata.core.spacemap;

import io.pdata.core.block.Bytes;
import java.lang.foreign.MemorySegment;

/**
 * The layout of an index entry, which says where a bitmap is and sums it up. Source: format document "persistent-data",
 * section 4.2.
 */
public final class IndexEntry {
    public static final int SIZE = 16;

    private static final int LOCATION = 0;
    private static final int FREE = 8;
    private static final int NONE_FREE_BEFORE = 12;

    private IndexEntry() {}

    /** The block that the bitmap is in. */
    public static long location(MemorySegment segment, long offset) {
        return segment.get(Bytes.U64, offset + LOCATION);
    }

    /** How many entries of the bitmap are 0, those past the end of the map included (but see the format document). */
    public static int free(MemorySegment segment, long offset) {
        return segment.get(Bytes.U32, offset + FREE);
    }

    /** A lower bound of the first entry that is 0. */
    public static int noneFreeBefore(MemorySegment segment, long offset) {
        return segment.get(Bytes.U32, offset + NONE_FREE_BEFORE);
    }

    public static void write(MemorySegment segment, long offset, long location, int free, int noneFreeBefore) {
        segment.set(Bytes.U64, offset + LOCATION, location);
        segment.set(Bytes.U32, offset + FREE, free);
        segment.set(Bytes.U32, offset + NONE_FREE_BEFORE, noneFreeBefore);
    }
}

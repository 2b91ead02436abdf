package io.pdata.core.space;

import io.pdata.core.block.Bytes;
import java.lang.foreign.MemorySegment;

/**
 * The record in the superblock from which a space map is opened; 32 bytes in a slot of 128, the rest of it zero.
 * Source: format document "persistent-data", section 4.1.
 *
 * @param blocks blocks counted
 * @param allocated blocks with a count of 1 or more
 * @param bitmapRoot metadata map: the index block; disk map: the root of the index tree
 * @param overflowRoot the root of the tree with the counts of 3 and more
 */
public record SpaceMapRoot(long blocks, long allocated, long bitmapRoot, long overflowRoot) {
    /** Bytes taken up in a superblock. */
    public static final int SLOT_SIZE = 128;

    private static final int BLOCKS = 0;
    private static final int ALLOCATED = 8;
    private static final int BITMAP_ROOT = 16;
    private static final int OVERFLOW_ROOT = 24;

    public static SpaceMapRoot read(MemorySegment block, long offset) {
        return new SpaceMapRoot(block.get(Bytes.U64, offset + BLOCKS), block.get(Bytes.U64, offset + ALLOCATED),
                block.get(Bytes.U64, offset + BITMAP_ROOT), block.get(Bytes.U64, offset + OVERFLOW_ROOT));
    }

    /** Writes the 32 bytes of the record; leaves the rest of the slot as it is. */
    public void write(MemorySegment block, long offset) {
        block.set(Bytes.U64, offset + BLOCKS, blocks);
        block.set(Bytes.U64, offset + ALLOCATED, allocated);
        block.set(Bytes.U64, offset + BITMAP_ROOT, bitmapRoot);
        block.set(Bytes.U64, offset + OVERFLOW_ROOT, overflowRoot);
    }
}

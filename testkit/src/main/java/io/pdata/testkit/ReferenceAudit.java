package io.pdata.testkit;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Recomputes the reference count of every metadata block from an image - one for each pointer - and compares the result
 * with the space map in it.
 *
 * <p>Decodes the bytes by itself: a mistake in the library must not hide here. What the superblock points at is named by
 * the caller. Every failure is an {@link AssertionError}. Source: format document "persistent-data", sections 1, 4, 6 and
 * 10.
 */
public final class ReferenceAudit {
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int BLOCK_SIZE = 4096;
    private static final int NODE = 121107;
    private static final int ARRAY_BLOCK = 595846735;
    private static final int BITMAP = 240779;
    private static final int INDEX = 160478;
    private static final int BITMAP_ENTRIES = 16320;
    private static final int MOST_LEVELS = 20;

    private final MemorySegment image;
    private final long spaceMapRoot;
    private final int[] counts;

    /**
     * @param image all of a metadata device
     * @param spaceMapRoot where in block 0 the metadata space map's root record is
     */
    public ReferenceAudit(byte[] image, int spaceMapRoot) {
        this.image = MemorySegment.ofArray(image);
        this.spaceMapRoot = spaceMapRoot;
        this.counts = new int[image.length / BLOCK_SIZE];
        counts[0] = 1;
    }

    /** Gets a value of a leaf; each leaf is shown once, however often it is shared. */
    @FunctionalInterface
    public interface Values {
        void value(long key, MemorySegment leaf, long offset);
    }

    /** Counts the nodes of a one-level tree. */
    public void tree(long root, Values values) {
        node(root, 0, values);
    }

    /** Counts the blocks of an array or bitset. */
    public void array(long root) {
        tree(root, (_, leaf, offset) -> {
            long block = leaf.get(U64, offset);
            if (first(block)) {
                typed(block, ARRAY_BLOCK);
            }
        });
    }

    /** Counts one pointer to a block; returns whether it is the first. */
    public boolean first(long block) {
        require(block > 0 && block < counts.length, "a pointer to block " + block);
        return ++counts[(int) block] == 1;
    }

    /** The 4096 bytes of a block. */
    public MemorySegment block(long number) {
        return image.asSlice(number * BLOCK_SIZE, BLOCK_SIZE);
    }

    /** To be called when everything has been counted. */
    public void verify() {
        MemorySegment superblock = block(0);
        long blocks = superblock.get(U64, spaceMapRoot);
        long index = superblock.get(U64, spaceMapRoot + 16);
        Map<Long, Integer> overflow = new TreeMap<>();
        tree(superblock.get(U64, spaceMapRoot + 24), (key, leaf, offset) -> overflow.put(key, leaf.get(U32, offset)));
        require(first(index), "a second pointer to the index block " + index);
        for (int i = 0; i < bitmaps(blocks); i++) {
            first(bitmapLocation(index, i));
        }
        long allocated = 0;
        for (int i = 0; i < bitmaps(blocks); i++) {
            allocated += verifyBitmap(index, i, overflow);
        }
        require(overflow.isEmpty(), "superfluous overflow counts: " + overflow);
        require(superblock.get(U64, spaceMapRoot + 8) == allocated,
                "blocks allocated: " + superblock.get(U64, spaceMapRoot + 8) + " recorded, " + allocated + " counted");
    }

    private int verifyBitmap(long index, int i, Map<Long, Integer> overflow) {
        MemorySegment bitmap = typed(bitmapLocation(index, i), BITMAP);
        int used = 0;
        int firstFree = BITMAP_ENTRIES;
        for (int entry = 0; entry < BITMAP_ENTRIES; entry++) {
            int block = i * BITMAP_ENTRIES + entry;
            int expected = block < counts.length ? counts[block] : 0;
            int pair = (int) (bitmap.get(U64, 16 + entry / 32 * 8) >>> 2 * (entry % 32)) & 3;
            int count = pair == 3 ? overflow.getOrDefault((long) block, -1) : (pair & 1) << 1 | pair >> 1;
            overflow.remove((long) block);
            require(count == expected, "references to block " + block + ": " + count + " recorded, " + expected
                    + " counted");
            used += count > 0 ? 1 : 0;
            firstFree = count == 0 ? Math.min(firstFree, entry) : firstFree;
        }
        int free = typed(index, INDEX).get(U32, 16 + 16 * i + 8);
        require(free == BITMAP_ENTRIES - used, "free entries of bitmap " + i + ": " + free);
        require(block(index).get(U32, 16 + 16 * i + 12) <= firstFree, "the first free entry of bitmap " + i);
        return used;
    }

    private long bitmapLocation(long index, int i) {
        return typed(index, INDEX).get(U64, 16 + 16 * i);
    }

    private static int bitmaps(long blocks) {
        return (int) Math.ceilDiv(blocks, BITMAP_ENTRIES);
    }

    private void node(long number, int depth, Values values) {
        if (!first(number)) {
            return;
        }
        require(depth < MOST_LEVELS, "a tree deeper than " + MOST_LEVELS);
        MemorySegment node = typed(number, NODE);
        int entries = node.get(U32, 16);
        int max = node.get(U32, 20);
        int size = node.get(U32, 24);
        for (int i = 0; i < entries; i++) {
            long offset = 32 + 8L * max + (long) i * size;
            if (node.get(U32, 4) == 1) {
                node(node.get(U64, offset), depth + 1, values);
            } else {
                values.value(node.get(U64, 32 + 8L * i), node, offset);
            }
        }
    }

    private MemorySegment typed(long number, int type) {
        MemorySegment block = block(number);
        CRC32C crc = new CRC32C();
        crc.update(block.asSlice(4).asByteBuffer());
        require((~(int) crc.getValue() ^ block.get(U32, 0)) == type, "the type of block " + number);
        return block;
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("wrong: " + what);
        }
    }
}

package io.pdata.testkit;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;
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

    private static final int INDEX_HEADER = 16;
    private static final int INDEX_ENTRY = 16;

    private final LongFunction<MemorySegment> blocks;
    private final long spaceMapRoot;
    private final int[] counts;

    /**
     * @param image all of a metadata device
     * @param spaceMapRoot where in block 0 the metadata space map's root record is
     */
    public ReferenceAudit(byte[] image, int spaceMapRoot) {
        this(image.length / BLOCK_SIZE, number -> MemorySegment.ofArray(image).asSlice(number * BLOCK_SIZE, BLOCK_SIZE),
                spaceMapRoot);
    }

    /**
     * @param size how many metadata blocks there are
     * @param blocks gives the 4096 bytes of each; only those are asked for that are referred to
     * @param spaceMapRoot where in block 0 the metadata space map's root record is
     */
    public ReferenceAudit(int size, LongFunction<MemorySegment> blocks, int spaceMapRoot) {
        this.blocks = blocks;
        this.spaceMapRoot = spaceMapRoot;
        this.counts = new int[size];
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
        return blocks.apply(number);
    }

    /**
     * Counts the blocks of a data space map, and compares what it says with the counts that it should have.
     *
     * @param root where in block 0 its root record is
     * @param expected the count of each data block
     */
    public void dataMap(int root, int[] expected) {
        MemorySegment superblock = block(0);
        long size = superblock.get(U64, root);
        Map<Long, Integer> overflow = overflow(superblock.get(U64, root + 24));
        long[] totals = new long[2];
        tree(superblock.get(U64, root + 16), (key, leaf, offset) -> {
            require(key == totals[0], "bitmap " + key + " of the data map follows " + totals[0] + " others");
            first(leaf.get(U64, offset));
            totals[0]++;
            totals[1] += verifyBitmap(key, leaf, offset, overflow, expected);
        });
        require(totals[0] == Math.ceilDiv(size, BITMAP_ENTRIES), "bitmaps of the data map: " + totals[0]);
        finish("data", superblock.get(U64, root + 8), totals[1], overflow);
        for (long block = size; block < expected.length; block++) {
            require(expected[(int) block] == 0, "a pointer to data block " + block + " of " + size);
        }
    }

    /** To be called when everything has been counted. */
    public void verify() {
        MemorySegment superblock = block(0);
        long size = superblock.get(U64, spaceMapRoot);
        long index = superblock.get(U64, spaceMapRoot + 16);
        Map<Long, Integer> overflow = overflow(superblock.get(U64, spaceMapRoot + 24));
        require(first(index), "a second pointer to the index block " + index);
        MemorySegment entries = typed(index, INDEX);
        int bitmaps = (int) Math.ceilDiv(size, BITMAP_ENTRIES);
        for (int i = 0; i < bitmaps; i++) {
            first(entries.get(U64, INDEX_HEADER + INDEX_ENTRY * i));
        }
        long allocated = 0;
        for (int i = 0; i < bitmaps; i++) {
            allocated += verifyBitmap(i, entries, INDEX_HEADER + INDEX_ENTRY * i, overflow, counts);
        }
        finish("metadata", superblock.get(U64, spaceMapRoot + 8), allocated, overflow);
    }

    private Map<Long, Integer> overflow(long root) {
        Map<Long, Integer> overflow = new TreeMap<>();
        tree(root, (key, leaf, offset) -> overflow.put(key, leaf.get(U32, offset)));
        return overflow;
    }

    private static void finish(String map, long recorded, long counted, Map<Long, Integer> overflow) {
        require(overflow.isEmpty(), "superfluous overflow counts of the " + map + " map: " + overflow);
        require(recorded == counted, map + " blocks allocated: " + recorded + " recorded, " + counted + " counted");
    }

    /** Compares a bitmap and its index entry; takes the counts that it asks for out of the overflow counts. */
    private int verifyBitmap(long number, MemorySegment index, long entry, Map<Long, Integer> overflow,
            int[] references) {
        MemorySegment bitmap = typed(index.get(U64, entry), BITMAP);
        int used = 0;
        int firstFree = BITMAP_ENTRIES;
        for (int i = 0; i < BITMAP_ENTRIES; i++) {
            long block = number * BITMAP_ENTRIES + i;
            int pair = (int) (bitmap.get(U64, 16 + i / 32 * 8) >>> 2 * (i % 32)) & 3;
            int count = pair == 3 ? overflow(block, overflow) : (pair & 1) << 1 | pair >> 1;
            int expected = block < references.length ? references[(int) block] : 0;
            if (count != expected) {
                throw wrong("references to block " + block + ": " + count + " recorded, " + expected + " counted");
            }
            used += count > 0 ? 1 : 0;
            firstFree = count == 0 ? Math.min(firstFree, i) : firstFree;
        }
        int free = index.get(U32, entry + 8);
        require(free == BITMAP_ENTRIES - used, "free entries of bitmap " + number + ": " + free);
        require(index.get(U32, entry + 12) <= firstFree, "the first free entry of bitmap " + number);
        return used;
    }

    private static int overflow(long block, Map<Long, Integer> counts) {
        Integer count = counts.remove(block);
        require(count != null && count >= 3, "the overflow count of block " + block + ": " + count);
        return count;
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
            throw wrong(what);
        }
    }

    private static AssertionError wrong(String what) {
        return new AssertionError("wrong: " + what);
    }
}

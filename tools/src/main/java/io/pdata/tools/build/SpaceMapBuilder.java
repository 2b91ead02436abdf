package io.pdata.tools.build;

import io.pdata.core.block.BlockAppender;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.btree.SharedLeaves;
import io.pdata.core.btree.TreeBuilder;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.tools.check.ReferenceCounts;
import java.lang.foreign.MemorySegment;

/**
 * Makes the parts of a space map from counts: its bitmaps, the tree of counts above two, and the entries of its index.
 * What is in the index is computed twice rather than kept. Not thread-safe. Source: format document "persistent-data",
 * section 4.
 */
final class SpaceMapBuilder {
    private static final int WORD = ReferenceCounts.PACKED;
    private static final long LOW_BITS = 0x5555_5555_5555_5555L;

    private final BlockAppender out;
    private final ReferenceCounts counts;
    private final long blocks;
    private long[] locations;

    /** @param blocks how many blocks are counted; those beyond have no references */
    SpaceMapBuilder(BlockAppender out, ReferenceCounts counts, long blocks) {
        this.out = out;
        this.counts = counts;
        this.blocks = blocks;
    }

    /** Finds blocks that already hold a bitmap. */
    interface Existing {
        /** No bitmap exists yet. */
        Existing NONE = (_, _) -> -1;

        /** The block whose bytes from {@link BitmapBlock#WORDS} on are those of bitmap {@code index}; or -1. */
        long find(int index, MemorySegment bitmap);
    }

    /** Writes those bitmaps that do not exist. */
    void writeBitmaps(Existing existing) {
        locations = new long[Math.toIntExact(bitmaps())];
        MemorySegment bitmap = MemorySegment.ofArray(new long[Bytes.BLOCK_SIZE / Long.BYTES]);
        for (int i = 0; i < locations.length; i++) {
            long first = (long) i * BitmapBlock.ENTRIES;
            bitmap.fill((byte) 0);
            for (int entry = 0; entry < entries(first); entry += WORD) {
                BitmapBlock.setWord(bitmap, entry, counts.packed(first + entry));
            }
            long found = existing.find(i, bitmap);
            locations[i] = found >= 0 ? found : out.append(BitmapBlock.VALIDATOR, block -> block.copyFrom(bitmap));
        }
    }

    /** Writes the tree with the counts of three and more; returns its root. */
    long writeOverflow() {
        TreeBuilder tree = new TreeBuilder(out, SharedLeaves.NONE, Integer.BYTES);
        MemorySegment value = MemorySegment.ofArray(new byte[Integer.BYTES]);
        forEachOverflow(block -> {
            value.set(Bytes.U32, 0, (int) counts.get(block));
            tree.add(block, value, 0);
        });
        return tree.finish().block();
    }

    /** How many blocks that tree takes. */
    long overflowNodes() {
        long[] entries = new long[1];
        forEachOverflow(_ -> entries[0]++);
        long height = Math.max(1, Math.ceilDiv(entries[0], NodeLayout.capacity(Integer.BYTES)));
        long nodes = height;
        while (height > 1) {
            height = Math.ceilDiv(height, NodeLayout.capacity(NodeLayout.POINTER_SIZE));
            nodes += height;
        }
        return nodes;
    }

    /** How many blocks have a count of one or more. */
    long allocated() {
        long[] allocated = new long[1];
        forEachEntry((_, _, free, _) -> allocated[0] += BitmapBlock.ENTRIES - free);
        return allocated[0];
    }

    /** Gets the entries of an index. */
    interface EntryVisitor {
        void visit(long index, long location, int free, int noneFreeBefore);
    }

    /** Shows the entries of the index, once the bitmaps have been written. */
    void forEachEntry(EntryVisitor visitor) {
        for (long i = 0; i < bitmaps(); i++) {
            long first = i * BitmapBlock.ENTRIES;
            int used = 0;
            int firstFree = -1;
            for (int entry = 0; entry < entries(first); entry += WORD) {
                long packed = counts.packed(first + entry);
                long usedBits = (packed | packed >>> 1) & LOW_BITS;
                used += Long.bitCount(usedBits);
                if (firstFree < 0 && usedBits != LOW_BITS) {
                    firstFree = entry + Long.numberOfTrailingZeros(~usedBits & LOW_BITS) / 2;
                }
            }
            int bound = firstFree < 0 ? entries(first) : Math.min(firstFree, entries(first));
            visitor.visit(i, locations[(int) i], BitmapBlock.ENTRIES - used, bound);
        }
    }

    /** Writes the entries into the index block of a metadata space map. */
    void writeIndex(MemorySegment block) {
        forEachEntry((i, location, free, noneFreeBefore) -> IndexEntry.write(block, IndexBlock.entryOffset(i), location,
                free, noneFreeBefore));
    }

    private interface BlockVisitor {
        void visit(long block);
    }

    private void forEachOverflow(BlockVisitor visitor) {
        for (long first = 0; first < blocks; first += WORD) {
            long packed = counts.packed(first);
            for (long three = packed & packed >>> 1 & LOW_BITS; three != 0; three &= three - 1) {
                visitor.visit(first + Long.numberOfTrailingZeros(three) / 2);
            }
        }
    }

    private long bitmaps() {
        return BitmapBlock.bitmapsFor(blocks);
    }

    /** How many of the entries of the bitmap that begins with a block are of blocks that there are. */
    private int entries(long first) {
        return (int) Math.min(BitmapBlock.ENTRIES, blocks - first);
    }
}

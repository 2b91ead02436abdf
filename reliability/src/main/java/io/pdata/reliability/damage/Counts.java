package io.pdata.reliability.damage;

import io.pdata.core.block.Bytes;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.thin.ThinSuperblockLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** One of the space maps of an image, small enough for its index to be a single leaf or block. */
final class Counts {
    private static final int WORDS = 16;

    private final Specimen specimen;
    private final boolean data;
    private final int rootOffset;

    /** @param data whether it is the one of data blocks */
    Counts(Specimen specimen, boolean data) {
        this.specimen = specimen;
        this.data = data;
        this.rootOffset = data ? ThinSuperblockLayout.DATA_SPACE_MAP : specimen.format().spaceMapRoot();
    }

    /** What findings call it. */
    String structure() {
        return data ? "data space map" : "metadata space map";
    }

    SpaceMapRoot root() {
        return SpaceMapRoot.read(specimen.superblock(), rootOffset);
    }

    void setRoot(SpaceMapRoot root) {
        specimen.editSuperblock(block -> root.write(block, rootOffset));
    }

    /** The block in which the index entries are. */
    Part index() {
        return specimen.anatomy().part(root().bitmapRoot());
    }

    /** Where in {@link #index} the entry of a bitmap is. */
    long entryOffset(int bitmap) {
        return data ? Nodes.value(specimen.block(index().block()), bitmap) : IndexBlock.entryOffset(bitmap);
    }

    int bitmaps() {
        return (int) BitmapBlock.bitmapsFor(root().blocks());
    }

    private MemorySegment indexBlock() {
        return specimen.block(index().block());
    }

    long location(int bitmap) {
        return IndexEntry.location(indexBlock(), entryOffset(bitmap));
    }

    int free(int bitmap) {
        return IndexEntry.free(indexBlock(), entryOffset(bitmap));
    }

    int noneFreeBefore(int bitmap) {
        return IndexEntry.noneFreeBefore(indexBlock(), entryOffset(bitmap));
    }

    void setEntry(int bitmap, long location, int free, int noneFreeBefore) {
        specimen.edit(index(), block -> IndexEntry.write(block, entryOffset(bitmap), location, free, noneFreeBefore));
    }

    /** What the bitmap says of a block: 0 to 3. */
    int entry(long block) {
        return BitmapBlock.count(specimen.block(location((int) (block / BitmapBlock.ENTRIES))),
                (int) (block % BitmapBlock.ENTRIES));
    }

    /** Changes only the bitmap. */
    void setEntry(long block, int count) {
        int entry = (int) (block % BitmapBlock.ENTRIES);
        Part bitmap = specimen.anatomy().part(location((int) (block / BitmapBlock.ENTRIES)));
        long offset = WORDS + entry / 32 * 8L;
        int shift = 2 * (entry % 32);
        long pair = count >> 1 | (count & 1) << 1;
        specimen.edit(bitmap, bytes -> bytes.set(Bytes.U64, offset,
                bytes.get(Bytes.U64, offset) & ~(3L << shift) | pair << shift));
    }

    /** Changes a bitmap, and what index and root sum up, so that only references show that something is wrong. */
    void setCount(long block, int count) {
        int bitmap = (int) (block / BitmapBlock.ENTRIES);
        int change = (entry(block) == 0 ? 0 : 1) - (count == 0 ? 0 : 1);
        setEntry(block, count);
        int bound = count == 0
                ? Math.min(noneFreeBefore(bitmap), (int) (block % BitmapBlock.ENTRIES))
                : noneFreeBefore(bitmap);
        setEntry(bitmap, location(bitmap), free(bitmap) + change, bound);
        SpaceMapRoot root = root();
        setRoot(new SpaceMapRoot(root.blocks(), root.allocated() - change, root.bitmapRoot(), root.overflowRoot()));
    }

    /** One of the blocks of which the bitmap says this. */
    long any(int count) {
        List<Long> blocks = new ArrayList<>();
        for (long block = 0; block < root().blocks(); block++) {
            if (entry(block) == count) {
                blocks.add(block);
            }
        }
        return specimen.any(blocks);
    }

    /** Changes the last leaf with counts of 3 and more. */
    void editOverflow(Consumer<MemorySegment> change) {
        specimen.editNode(overflowLeaf(), change);
    }

    /** The last leaf of the overflow tree. */
    private long overflowLeaf() {
        long block = root().overflowRoot();
        while (specimen.anatomy().part(block).isInternal()) {
            MemorySegment node = specimen.block(block);
            block = Nodes.pointer(node, Nodes.entries(node) - 1);
        }
        return block;
    }

    /** The place of a count in the overflow leaf. */
    int anyOverflow() {
        return specimen.below(Nodes.entries(specimen.block(overflowLeaf())));
    }

    long overflowKey(int slot) {
        return Nodes.key(specimen.block(overflowLeaf()), slot);
    }
}

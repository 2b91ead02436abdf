package io.pdata.tools.build;

import io.pdata.core.block.BlockAppender;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.SharedLeaves;
import io.pdata.core.btree.TreeBuilder;
import io.pdata.core.device.Device;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.tools.ToolException;
import io.pdata.tools.check.ReferenceCounts;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * Writes new metadata over a whole device: blocks one after the other from block 1 on, at last the space map that
 * counts them, and then the superblock.
 *
 * <p>What was on the device is gone from the first write on: its superblock is cleared before, and the new one written
 * after everything else is durable. So a run that fails leaves either what was there before, untouched, or no
 * superblock at all.
 *
 * <p>Memory: a buffer of {@value #BATCH} blocks, and counts, a quarter of a byte for each block written, or more where
 * more than three trees share one. Not thread-safe. Source: format documents "persistent-data", section 4, and
 * "tools-xml", section 5.
 */
public final class MetadataWriter implements BlockAppender, AutoCloseable {
    /** How many blocks are written at once. */
    private static final int BATCH = 256;

    private final Device device;
    private final long blocks;
    private final ReferenceCounts references;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment batch = arena.allocate((long) BATCH * Bytes.BLOCK_SIZE, Bytes.BLOCK_SIZE);
    private long batchStart = 1;
    private int batched;
    private boolean begun;

    /** Writes to {@code device}, which is closed together with this object. */
    public MetadataWriter(Device device) {
        this.device = device;
        this.blocks = Math.min(device.size() / Bytes.BLOCK_SIZE, (long) IndexBlock.ENTRIES * BitmapBlock.ENTRIES);
        this.references = new ReferenceCounts(blocks);
        references.inc(0);
    }

    /** How many blocks there are to write to. */
    public long blocks() {
        return blocks;
    }

    /** How many references there are to each block; a new one has one. */
    public ReferenceCounts references() {
        return references;
    }

    /** @throws ToolException if there is no room for another block */
    @Override
    public long append(BlockValidator type, Consumer<MemorySegment> content) {
        long number = write(type, content);
        references.inc(number);
        return number;
    }

    /** Reads a block that has been written. */
    public void read(long number, BlockValidator type, Consumer<MemorySegment> reader) {
        if (number >= batchStart) {
            reader.accept(slot((int) (number - batchStart)).asReadOnly());
            return;
        }
        try (Arena own = Arena.ofShared()) { // shared: a device may read by threads of its own
            MemorySegment block = own.allocate(Bytes.BLOCK_SIZE, Long.BYTES);
            device.read(number * Bytes.BLOCK_SIZE, block);
            type.check(block, number);
            reader.accept(block.asReadOnly());
        }
    }

    /** Writes what counts the blocks of the device itself. No other block can be added afterwards. */
    public SpaceMapRoot writeSpaceMap() {
        SpaceMapBuilder map = new SpaceMapBuilder(this::write, references, blocks);
        long bitmaps = BitmapBlock.bitmapsFor(blocks);
        long first = next();
        long last = first + bitmaps + map.overflowNodes(); // the index block comes last
        requireRoom(last);
        references.incAll(first, last + 1);
        map.writeBitmaps(SpaceMapBuilder.Existing.NONE);
        long overflow = map.writeOverflow();
        long index = write(IndexBlock.VALIDATOR, map::writeIndex);
        return new SpaceMapRoot(blocks, map.allocated(), index, overflow);
    }

    /** Writes what counts the blocks of another device: a space map with its index in a tree. */
    public SpaceMapRoot writeSpaceMap(ReferenceCounts counts) {
        SpaceMapBuilder map = new SpaceMapBuilder(this, counts, counts.blocks());
        requireRoom(next() + BitmapBlock.bitmapsFor(counts.blocks()));
        map.writeBitmaps(SpaceMapBuilder.Existing.NONE);
        return writeTrees(map, this, counts.blocks());
    }

    /** Writes the trees of a space map of data blocks whose bitmaps have been written. */
    static SpaceMapRoot writeTrees(SpaceMapBuilder map, BlockAppender out, long blocks) {
        long overflow = map.writeOverflow();
        TreeBuilder index = new TreeBuilder(out, SharedLeaves.NONE, IndexEntry.SIZE);
        MemorySegment entry = MemorySegment.ofArray(new byte[IndexEntry.SIZE]);
        map.forEachEntry((i, location, free, noneFreeBefore) -> {
            IndexEntry.write(entry, 0, location, free, noneFreeBefore);
            index.add(i, entry, 0);
        });
        return new SpaceMapRoot(blocks, map.allocated(), index.finish().block(), overflow);
    }

    /** Makes everything durable, then writes the superblock and makes that durable too. */
    public void finish(BlockValidator type, Consumer<MemorySegment> superblock) {
        writeBatch();
        device.flush();
        MemorySegment block = slot(0).fill((byte) 0);
        superblock.accept(block);
        type.prepare(block, 0);
        device.write(0, block);
        device.flush();
    }

    @Override
    public void close() {
        try (arena) {
            device.close();
        }
    }

    private long next() {
        return batchStart + batched;
    }

    private MemorySegment slot(int i) {
        return batch.asSlice((long) i * Bytes.BLOCK_SIZE, Bytes.BLOCK_SIZE);
    }

    private void requireRoom(long number) {
        if (number >= blocks) {
            throw new ToolException("out of metadata space: more than the " + blocks + " blocks of " + device.name()
                    + " are needed");
        }
    }

    private long write(BlockValidator type, Consumer<MemorySegment> content) {
        long number = next();
        requireRoom(number);
        if (batched == BATCH) {
            writeBatch();
        }
        MemorySegment block = slot(batched).fill((byte) 0);
        content.accept(block);
        type.prepare(block, number);
        batched++;
        return number;
    }

    private void writeBatch() {
        if (!begun) {
            clearSuperblock();
            begun = true;
        }
        device.write(batchStart * Bytes.BLOCK_SIZE, batch.asSlice(0, (long) batched * Bytes.BLOCK_SIZE));
        batchStart += batched;
        batched = 0;
    }

    private void clearSuperblock() {
        try (Arena own = Arena.ofShared()) {
            device.write(0, own.allocate(Bytes.BLOCK_SIZE, Long.BYTES));
        }
        device.flush();
    }
}

package io.pdata.core.spacemap;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.transaction.BlockReader;
import java.lang.foreign.MemorySegment;

/**
 * Reads counts out of a committed space map, beside whoever changes the map: over a
 * {@link io.pdata.core.transaction.ReadView}.
 *
 * <p>Costs one look at a bitmap, and one at the index where the bitmap is another than the last time. Used by one thread
 * at a time. Errors: {@link CorruptionException}. Source: format document "persistent-data", section 4.
 */
public final class CountReader {
    private static final int EPB = BitmapBlock.ENTRIES;
    private static final long NONE = -1;

    private final String name;
    private final BlockReader blocks;
    private final SpaceMapRoot root;
    private final Index index;
    private final MemorySegment entry = MemorySegment.ofArray(new long[IndexEntry.SIZE / Long.BYTES]);
    private long bitmap = NONE;
    private long location;

    /** Copies the index entry of a bitmap; returns whether there is one. */
    private interface Index {
        boolean load(long bitmap, MemorySegment entry);
    }

    private CountReader(String name, BlockReader blocks, SpaceMapRoot root, Index index) {
        this.name = name;
        this.blocks = blocks;
        this.root = root;
        this.index = index;
    }

    /** The map that counts the blocks of the metadata device. */
    public static CountReader ofMetadata(BlockReader blocks, SpaceMapRoot root) {
        MemorySegment copy = MemorySegment.ofArray(new long[Bytes.BLOCK_SIZE / Long.BYTES]);
        try (Block block = blocks.readLock(root.bitmapRoot(), IndexBlock.VALIDATOR)) {
            copy.copyFrom(block.data());
        }
        return new CountReader("metadata space map", blocks, root, (bitmap, entry) -> {
            if (bitmap >= IndexBlock.ENTRIES) {
                return false;
            }
            MemorySegment.copy(copy, IndexBlock.entryOffset(bitmap), entry, 0, IndexEntry.SIZE);
            return true;
        });
    }

    /** The map that counts the blocks of the data device. */
    public static CountReader ofData(BlockReader blocks, SpaceMapRoot root) {
        BTreeReader tree = new BTreeReader(blocks, 1, IndexEntry.SIZE);
        return new CountReader(DiskSpaceMap.NAME, blocks, root,
                (bitmap, entry) -> tree.lookup(root.bitmapRoot(), bitmap, entry));
    }

    /** Whether there is exactly one reference to a block. */
    public boolean isOne(long block) {
        if (block < 0 || block >= root.blocks()) {
            throw new CorruptionException(block, name,
                    "is not one of the " + root.blocks() + " blocks that are counted");
        }
        moveTo(block / EPB);
        return count((int) (block % EPB)) == 1;
    }

    private int count(int at) {
        Block cached = blocks.cached(location);
        long stamp = cached == null ? 0 : cached.stampFor(location, BitmapBlock.VALIDATOR);
        if (stamp != 0) {
            int count = BitmapBlock.count(cached.data(), at);
            if (cached.validate(stamp)) {
                return count;
            }
        }
        try (Block locked = blocks.readLock(location, BitmapBlock.VALIDATOR)) {
            return BitmapBlock.count(locked.data(), at);
        }
    }

    private void moveTo(long wanted) {
        if (bitmap == wanted) {
            return;
        }
        if (!index.load(wanted, entry)) {
            throw new CorruptionException(root.bitmapRoot(), name, "its index has no bitmap " + wanted);
        }
        location = IndexEntry.location(entry, 0);
        bitmap = wanted;
    }
}

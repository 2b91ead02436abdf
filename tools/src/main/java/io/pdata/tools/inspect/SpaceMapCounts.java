package io.pdata.tools.inspect;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceException;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.core.transaction.BlockReader;
import java.lang.foreign.MemorySegment;

/**
 * How often each metadata block is referred to, as the metadata space map says; asked for in ascending order. Memory: one
 * bitmap.
 */
final class SpaceMapCounts {
    /** What stands for a count that cannot be read. */
    static final int UNKNOWN = -1;

    private final BlockReader blocks;
    private final SpaceMapRoot root;
    private final MemorySegment copy = MemorySegment.ofArray(new long[Bytes.BLOCK_SIZE / Long.BYTES]);
    private long loaded = -1;
    private String problem = "";
    private boolean readable;

    /** @param root null if nothing says where the space map is */
    SpaceMapCounts(BlockReader blocks, SpaceMapRoot root) {
        this.blocks = blocks;
        this.root = root;
        if (root == null) {
            problem = "no superblock says where the space map is";
        }
    }

    /** 0, 1, 2, {@link BitmapBlock#OVERFLOW} for 3 and more, or {@link #UNKNOWN}; 0 beyond what is counted. */
    int count(long block) {
        if (root == null) {
            return UNKNOWN;
        }
        if (Long.compareUnsigned(block, root.blocks()) >= 0) {
            return 0;
        }
        if (block / BitmapBlock.ENTRIES != loaded) {
            loaded = block / BitmapBlock.ENTRIES;
            readable = load();
        }
        return readable ? BitmapBlock.count(copy, (int) (block % BitmapBlock.ENTRIES)) : UNKNOWN;
    }

    private boolean load() {
        if (loaded >= IndexBlock.ENTRIES) {
            return false;
        }
        try (Block index = blocks.readLock(root.bitmapRoot(), IndexBlock.VALIDATOR);
                Block bitmap = blocks.readLock(IndexEntry.location(index.data(), IndexBlock.entryOffset(loaded)),
                        BitmapBlock.VALIDATOR)) {
            copy.copyFrom(bitmap.data());
            return true;
        } catch (CorruptionException | DeviceException e) {
            problem = e.getMessage();
            return false;
        }
    }

    /** Why something of it could not be read; empty if all that was asked for could. */
    String problem() {
        return problem;
    }
}

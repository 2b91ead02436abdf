package io.pdata.tools.thin;

import io.pdata.core.block.Block;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.device.FileDevice;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.thin.BlockTime;
import io.pdata.thin.ThinSuperblock;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import java.lang.foreign.MemorySegment;

/**
 * Discards what nothing in a pool refers to, as {@code thin_trim} of thin-provisioning-tools does; the pool must not be in
 * use, and its metadata must have passed a check. In a file, storage is given back instead.
 *
 * <p>Streams through the data space map: O(data blocks / 32), little memory.
 */
public final class ThinTrim {
    private static final int SECTOR = 512;

    private final MetadataFile file;
    private final ThinSuperblock superblock;
    private final FileDevice data;
    private final long blockBytes;
    private long begin = -1;
    private long discarded;

    private ThinTrim(MetadataFile file, FileDevice data) {
        this.file = file;
        this.superblock = PoolState.read(file, false);
        this.data = data;
        this.blockBytes = Integer.toUnsignedLong(superblock.dataBlockSectors()) * SECTOR;
    }

    /**
     * Discards all blocks whose count is 0.
     *
     * @return how many blocks those were
     * @throws ToolException if the data device is too small, or cannot discard, or data blocks have a size that cannot be
     */
    public static long trim(MetadataFile file, FileDevice data) {
        ThinTrim trim = new ThinTrim(file, data);
        trim.run();
        return trim.discarded;
    }

    private void run() {
        SuperblockCheck.requireBlockSize(superblock.dataBlockSectors());
        long blocks = superblock.dataSpaceMap().blocks();
        if (blocks < 0 || blocks > BlockTime.MAX_BLOCKS || blocks > data.size() / blockBytes) {
            throw new ToolException(
                    "unexpected data device size, wanted " + Long.toUnsignedString(blocks * blockBytes) + " bytes");
        }
        BTreeReader index = new BTreeReader(file, 1, IndexEntry.SIZE);
        MemorySegment entry = MemorySegment.ofArray(new byte[IndexEntry.SIZE]);
        for (long first = 0; first < blocks; first += BitmapBlock.ENTRIES) {
            if (!index.lookup(superblock.dataSpaceMap().bitmapRoot(), first / BitmapBlock.ENTRIES, entry)) {
                throw new CorruptionException(superblock.dataSpaceMap().bitmapRoot(), "data space map",
                        "its index has no bitmap " + first / BitmapBlock.ENTRIES);
            }
            bitmap(IndexEntry.location(entry, 0), first, (int) Math.min(BitmapBlock.ENTRIES, blocks - first));
        }
        end(blocks);
    }

    private void bitmap(long location, long first, int length) {
        try (Block bitmap = file.readLock(location, BitmapBlock.VALIDATOR)) {
            for (int i = 0; i < length; i++) {
                boolean free = BitmapBlock.count(bitmap.data(), i) == 0;
                if (free && begin < 0) {
                    begin = first + i;
                } else if (!free) {
                    end(first + i);
                }
            }
        }
    }

    /** Ends a run of free blocks, if there is one, before a block. */
    private void end(long block) {
        if (begin < 0) {
            return;
        }
        if (!data.tryDiscard(begin * blockBytes, (block - begin) * blockBytes)) {
            throw new ToolException("Operation not supported: '" + data.name() + "' cannot discard");
        }
        discarded += block - begin;
        begin = -1;
    }
}

package io.pdata.tools.thin;

import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;

/**
 * What a dump says of a pool as a whole. Numbers are unsigned. Source: format document "tools-xml", section 2.
 *
 * @param time the snapshot clock
 * @param transactionId the pool's user's own number
 * @param flags {@link ThinSuperblockLayout#NEEDS_CHECK} or nothing
 * @param version of the format
 * @param dataBlockSectors the size of a data block in sectors of 512 bytes
 * @param dataBlocks how many data blocks there are; 0 in a metadata snapshot, which does not know
 */
public record PoolHeader(int time, long transactionId, int flags, int version, int dataBlockSectors, long dataBlocks) {

    /** What a superblock says. */
    public static PoolHeader of(ThinSuperblock superblock) {
        return new PoolHeader(superblock.time(), superblock.transactionId(), superblock.flags(), superblock.version(),
                superblock.dataBlockSectors(), superblock.dataSpaceMap().blocks());
    }

    /** Whether the pool may not be written before a tool has checked it. */
    public boolean needsCheck() {
        return (flags & ThinSuperblockLayout.NEEDS_CHECK) != 0;
    }
}

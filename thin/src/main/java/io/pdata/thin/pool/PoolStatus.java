package io.pdata.thin.pool;

import io.pdata.thin.ThinMetadata;
import java.util.Set;

/**
 * What a pool has and uses, in blocks: metadata blocks of 4096 bytes, data blocks of the pool's size.
 *
 * @param mode what it can do
 * @param transactionId the number its user gave to its state
 * @param blockSectors the size of a data block in sectors of 512 bytes
 * @param metadataBlocks all metadata blocks
 * @param usedMetadataBlocks those in use, and the reserve that the kernel's status counts among them
 * @param dataBlocks all data blocks
 * @param usedDataBlocks those in use
 * @param heldRoot the block of the held metadata snapshot; 0 if there is none
 * @param needsCheck whether a tool has to check the metadata before they can be changed again
 * @param warnings the resources that the pool will soon run out of
 */
public record PoolStatus(PoolMode mode, long transactionId, int blockSectors, long metadataBlocks,
        long usedMetadataBlocks, long dataBlocks, long usedDataBlocks, long heldRoot, boolean needsCheck,
        Set<PoolWarning> warnings) {

    static PoolStatus of(ThinMetadata metadata, PoolMode mode, Set<PoolWarning> warnings) {
        long metadataBlocks = metadata.space().metadataBlocks();
        long dataBlocks = metadata.space().dataBlocks();
        return new PoolStatus(mode, metadata.transactionId(), metadata.dataBlockSectors(), metadataBlocks,
                metadataBlocks - metadata.space().freeMetadataBlocks(), dataBlocks,
                dataBlocks - metadata.space().freeDataBlocks(), metadata.heldRoot(), metadata.needsCheck(), warnings);
    }
}

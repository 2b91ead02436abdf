package io.pdata.thin.pool;

import io.pdata.thin.ThinSpace;
import java.util.EnumSet;
import java.util.Set;

/**
 * Watches how much is left of data blocks, metadata blocks and room in the file system of the data file.
 *
 * <p>The checks need the pool's lock. Amounts are in bytes.
 */
final class Shortages {
    private static final long METADATA_BLOCK = 4096;

    private final ThinSpace space;
    private final long blockBytes;
    private final long dataMark;
    private final LowWater data;
    private final LowWater metadata;
    private final LowWater storage;

    /** @param lowWaterBlocks how few free data blocks are few */
    Shortages(ThinSpace space, long blockBytes, long lowWaterBlocks, PoolEvents events) {
        this.space = space;
        this.blockBytes = blockBytes;
        this.dataMark = lowWaterBlocks * blockBytes;
        this.data = new LowWater(events::lowOnData);
        this.metadata = new LowWater(events::lowOnMetadata);
        this.storage = new LowWater(events::lowOnStorage);
    }

    private long freeData() {
        return space.freeDataBlocks() * blockBytes;
    }

    /** A data block is about to be allocated. */
    void allocating() {
        if (freeData() <= dataMark) {
            data.check(freeData(), dataMark);
        }
    }

    /** The pool has been opened, or a commit has been made: no block of the metadata is in use for the transaction alone. */
    void committed() {
        if (space.dataBlocks() == 0) {
            return; // a new pool
        }
        data.check(freeData(), dataMark);
        metadata.check(space.freeMetadataBlocks() * METADATA_BLOCK, space.metadataLowWater() * METADATA_BLOCK);
    }

    /** Checks the room left in the file system of the data file: the free data blocks are the most it may need. */
    void storage(long left) {
        storage.check(left, Math.min(dataMark, freeData()));
    }

    /** The present shortages. Any thread. */
    Set<PoolWarning> warnings() {
        Set<PoolWarning> warnings = EnumSet.noneOf(PoolWarning.class);
        if (data.isLow()) {
            warnings.add(PoolWarning.LOW_ON_DATA);
        }
        if (metadata.isLow()) {
            warnings.add(PoolWarning.LOW_ON_METADATA);
        }
        if (storage.isLow()) {
            warnings.add(PoolWarning.LOW_ON_STORAGE);
        }
        return warnings;
    }
}

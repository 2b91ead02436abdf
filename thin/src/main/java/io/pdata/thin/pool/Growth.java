package io.pdata.thin.pool;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.device.PersistentDataException;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.spacemap.MetadataSpaceMap;
import io.pdata.thin.BlockTime;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import java.util.function.LongSupplier;

/**
 * Gives a pool in a folder more room. Everything is checked before anything is changed; if a step fails, the files get
 * back their size as far as the pool does not use the rest.
 *
 * <p>Used by one thread at a time.
 */
final class Growth {
    private static final long MOST_METADATA = MetadataSpaceMap.MAX_BLOCKS * Bytes.BLOCK_SIZE;

    private final ThinPool pool;
    private final Device data;
    private final Device metadata;

    Growth(ThinPool pool, Device data, Device metadata) {
        this.pool = pool;
        this.data = data;
        this.metadata = metadata;
    }

    /** Sizes in bytes; 0: the present one. */
    void to(long dataBytes, long metadataBytes) {
        PoolStatus now = pool.status();
        requireGrowing(PoolFiles.DATA, dataBytes, now.dataBlocks() * pool.blockBytes());
        requireGrowing(PoolFiles.METADATA, metadataBytes, now.metadataBlocks() * Bytes.BLOCK_SIZE);
        requireMode(now, dataBytes, metadataBytes);
        requireAtMost(PoolFiles.METADATA, metadataBytes, MOST_METADATA, "");
        long newMetadata = Math.ceilDiv(metadataBytes, Bytes.BLOCK_SIZE);
        requireAtMost(PoolFiles.DATA, dataBytes, mostData(Math.max(newMetadata, now.metadataBlocks())),
                metadataBytes == 0 ? "; the metadata have to grow as well for more" : " with metadata of that size");
        long newData = Math.ceilDiv(dataBytes, pool.blockBytes());
        apply(newData * pool.blockBytes(), newMetadata * Bytes.BLOCK_SIZE);
    }

    private static void requireGrowing(String file, long wanted, long present) {
        if (wanted < 0 || wanted > 0 && wanted < present) {
            throw new ThinRequestException(Reason.INVALID, file + " has " + present + " bytes and cannot be given "
                    + wanted + ": a pool does not become smaller");
        }
    }

    private static void requireMode(PoolStatus now, long dataBytes, long metadataBytes) {
        PoolMode worst = metadataBytes > 0 ? PoolMode.OUT_OF_METADATA_SPACE : PoolMode.OUT_OF_DATA_SPACE;
        if (now.mode().compareTo(worst) > 0) {
            throw new ReadOnlyException("the pool cannot be resized: its mode is " + now.mode()
                    + (now.mode() == PoolMode.OUT_OF_METADATA_SPACE ? "; give it more metadata first" : ""));
        }
    }

    private static void requireAtMost(String file, long wanted, long most, String otherwise) {
        if (wanted > most) {
            throw new ThinRequestException(Reason.INVALID,
                    file + " cannot be given " + wanted + " bytes: at most " + most + otherwise);
        }
    }

    private long mostData(long metadataBlocks) {
        long blocks = Math.min(BlockTime.MAX_BLOCKS, pool.mostDataBlocks(metadataBlocks));
        long most = blocks > Long.MAX_VALUE / pool.blockBytes() ? Long.MAX_VALUE : blocks * pool.blockBytes();
        return Math.min(most, Long.MAX_VALUE / pool.blockBytes() * pool.blockBytes());
    }

    private void apply(long newData, long newMetadata) {
        long dataBefore = data.refresh();
        long metadataBefore = metadata.refresh();
        try {
            if (newMetadata > metadataBefore) {
                metadata.resize(newMetadata, true);
            }
            if (newData > dataBefore) {
                data.resize(newData, false);
            }
            pool.grow();
        } catch (PersistentDataException e) {
            restore(data, dataBefore, e, () -> pool.status().dataBlocks() * pool.blockBytes());
            restore(metadata, metadataBefore, e, () -> pool.status().metadataBlocks() * Bytes.BLOCK_SIZE);
            throw e;
        }
    }

    private static void restore(Device device, long before, PersistentDataException why,
            LongSupplier used) {
        try {
            if (device.size() > before && used.getAsLong() <= before) {
                device.resize(before, false);
            }
        } catch (PersistentDataException e) {
            why.addSuppressed(e);
        }
    }
}

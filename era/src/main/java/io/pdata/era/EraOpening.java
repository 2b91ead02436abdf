package io.pdata.era;

import io.pdata.core.device.Device;
import io.pdata.core.store.Existing;
import io.pdata.core.store.MetadataRefusedException;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.store.OpenOptions;
import java.lang.foreign.MemorySegment;

/** Formatting and opening: what is refused, and why. Source: format document "era", section 3. */
final class EraOpening {
    private static final int BLOCK_GRANULARITY = 8;

    private EraOpening() {}

    static EraMetadata format(Device device, int dataBlockSectors, long cacheBytes, Existing existing) {
        if (dataBlockSectors <= 0 || dataBlockSectors % BLOCK_GRANULARITY != 0) {
            device.close();
            throw new IllegalArgumentException(
                    "the block size must be a multiple of " + BLOCK_GRANULARITY + " sectors, not " + dataBlockSectors);
        }
        MetadataStore store = MetadataStore.format(device, cacheBytes, EraSuperblockLayout.VALIDATOR, existing);
        return store.orClose(() -> {
            EraMetadata metadata = new EraMetadata(store);
            metadata.create(dataBlockSectors);
            return metadata;
        });
    }

    static EraMetadata open(Device device, OpenOptions options) {
        MetadataStore.requireFormatted(device);
        MetadataStore store = MetadataStore.open(device, options.cacheBytes(), EraSuperblockLayout.VALIDATOR,
                block -> checked(block, device, options).spaceMap());
        return store.orClose(() -> {
            EraMetadata metadata = new EraMetadata(store);
            if (options.writable()) {
                metadata.loadToChange();
            } else {
                store.blocks().setReadOnly(true);
                metadata.load();
            }
            return metadata;
        });
    }

    private static EraSuperblock checked(MemorySegment block, Device device, OpenOptions options) {
        EraSuperblock superblock = EraSuperblock.read(block);
        if (options.dataBlockSectors() != 0 && superblock.dataBlockSectors() != options.dataBlockSectors()) {
            throw new MetadataRefusedException(device.name() + " cannot be opened: it is for blocks of "
                    + superblock.dataBlockSectors() + " sectors, not of " + options.dataBlockSectors());
        }
        return superblock;
    }
}

package io.pdata.cache;

import io.pdata.core.device.Device;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.store.Existing;
import io.pdata.core.store.MetadataRefusedException;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.store.OpenOptions;
import java.lang.foreign.MemorySegment;

/** Formatting and opening: what is refused, and why. Source: format document "cache", sections 3.1, 3.2 and 3.6. */
final class CacheOpening {
    private static final int MIN_BLOCK_SECTORS = 64;
    private static final int MAX_BLOCK_SECTORS = 2_097_152;
    private static final SpaceMapRoot NOTHING = new SpaceMapRoot(0, 0, 0, 0);

    private CacheOpening() {}

    static CacheMetadata format(Device device, int version, int dataBlockSectors, long cacheBytes, Existing existing) {
        if (version < CacheSuperblockLayout.MIN_VERSION || version > CacheSuperblockLayout.MAX_VERSION) {
            device.close();
            throw new IllegalArgumentException("there is no version " + version + " of cache metadata");
        }
        if (dataBlockSectors < MIN_BLOCK_SECTORS || dataBlockSectors > MAX_BLOCK_SECTORS
                || dataBlockSectors % MIN_BLOCK_SECTORS != 0) {
            device.close();
            throw new IllegalArgumentException("the block size must be a multiple of " + MIN_BLOCK_SECTORS
                    + " sectors up to " + MAX_BLOCK_SECTORS + ", not " + dataBlockSectors);
        }
        MetadataStore store = MetadataStore.format(device, cacheBytes, CacheSuperblockLayout.VALIDATOR, existing);
        return store.orClose(() -> {
            CacheMetadata metadata = new CacheMetadata(store);
            metadata.create(new CacheSuperblock(version, 0, 0, 0, 0, CachePolicy.NONE, NOTHING, 0, 0, 0, 0, 0, 0,
                    dataBlockSectors, 0, CacheStats.NONE));
            return metadata;
        });
    }

    static CacheMetadata open(Device device, OpenOptions options) {
        MetadataStore.requireFormatted(device);
        MetadataStore store = MetadataStore.open(device, options.cacheBytes(), CacheSuperblockLayout.VALIDATOR,
                block -> checked(block, device, options).spaceMap());
        return store.orClose(() -> {
            CacheMetadata metadata = new CacheMetadata(store);
            metadata.load();
            if (options.writable()) {
                metadata.resume();
            } else {
                store.blocks().setReadOnly(true);
            }
            return metadata;
        });
    }

    private static CacheSuperblock checked(MemorySegment block, Device device, OpenOptions options) {
        CacheSuperblock superblock = CacheSuperblock.read(block);
        if (options.dataBlockSectors() != 0 && superblock.dataBlockSectors() != options.dataBlockSectors()) {
            throw refused(device, "it is for blocks of " + superblock.dataBlockSectors() + " sectors, not of "
                    + options.dataBlockSectors());
        }
        if (superblock.incompatFlags() != 0) {
            throw refused(device, "it uses features that are not known (incompatible flags "
                    + Integer.toHexString(superblock.incompatFlags()) + ")");
        }
        if (options.writable() && superblock.compatReadOnlyFlags() != 0) {
            throw refused(device, "it uses features that must be known for writing (flags "
                    + Integer.toHexString(superblock.compatReadOnlyFlags()) + "); it may be opened read-only");
        }
        if (options.writable() && superblock.needsCheck()) {
            throw refused(device,
                    "it needs to be checked first (the needs-check flag is set); it may be opened read-only");
        }
        return superblock;
    }

    private static MetadataRefusedException refused(Device device, String reason) {
        return new MetadataRefusedException(device.name() + " cannot be opened: " + reason);
    }
}

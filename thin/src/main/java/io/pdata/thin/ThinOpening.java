package io.pdata.thin;

import io.pdata.core.block.BlockManager;
import io.pdata.core.device.Device;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.MetadataSpaceMap;
import io.pdata.core.store.Existing;
import io.pdata.core.store.MetadataRefusedException;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.store.OpenOptions;
import java.lang.foreign.MemorySegment;

/** Formatting and opening: what is refused, and why. Source: format document, sections 4.1, 4.2 and 5.3. */
final class ThinOpening {
    private static final int MIN_BLOCK_SECTORS = 128;
    private static final int MAX_BLOCK_SECTORS = 2097152;
    private static final SpaceMapRoot NOTHING = new SpaceMapRoot(0, 0, 0, 0);

    private ThinOpening() {}

    static ThinMetadata format(Device device, int dataBlockSectors, long cacheBytes, Existing existing) {
        if (dataBlockSectors < MIN_BLOCK_SECTORS || dataBlockSectors > MAX_BLOCK_SECTORS
                || dataBlockSectors % MIN_BLOCK_SECTORS != 0) {
            device.close();
            throw new IllegalArgumentException("the data block size must be a multiple of " + MIN_BLOCK_SECTORS
                    + " sectors up to " + MAX_BLOCK_SECTORS + ", not " + dataBlockSectors);
        }
        MetadataStore store = MetadataStore.format(device, cacheBytes, ThinSuperblockLayout.VALIDATOR, existing);
        return store.orClose(() -> {
            ThinMetadata metadata = new ThinMetadata(store, true);
            metadata.create(new ThinSuperblock(0, ThinSuperblockLayout.CURRENT_VERSION, 0, 0, 0, NOTHING, NOTHING, 0, 0,
                    dataBlockSectors, ThinSuperblockLayout.SECTORS_PER_METADATA_BLOCK,
                    Math.min(store.blocks().blocks(), MetadataSpaceMap.MAX_BLOCKS), 0, 0, 0));
            return metadata;
        });
    }

    static ThinMetadata open(Device device, OpenOptions options) {
        MetadataStore.requireFormatted(device);
        MetadataStore store = MetadataStore.open(device, options.cacheBytes(), ThinSuperblockLayout.VALIDATOR,
                block -> checked(block, device, options).metadataSpaceMap());
        return store.orClose(() -> {
            if (!options.writable()) {
                store.blocks().setReadOnly(true);
            }
            ThinMetadata metadata = new ThinMetadata(store, options.writable());
            metadata.load(store.readSuperblock(ThinSuperblock::read));
            return metadata;
        });
    }

    private static ThinSuperblock checked(MemorySegment block, Device device, OpenOptions options) {
        ThinSuperblock superblock = ThinSuperblock.read(block);
        int expected = options.dataBlockSectors();
        if (expected != 0 && superblock.dataBlockSectors() != expected) {
            throw refused(device, "it is for data blocks of " + superblock.dataBlockSectors() + " sectors, not of "
                    + expected);
        }
        if (superblock.incompatFlags() != 0) {
            throw refused(device, "it uses features that are not known (incompatible flags "
                    + Integer.toHexString(superblock.incompatFlags()) + ")");
        }
        if (options.writable()) {
            checkWritable(superblock, device);
        }
        return superblock;
    }

    private static void checkWritable(ThinSuperblock superblock, Device device) {
        if (superblock.compatReadOnlyFlags() != 0) {
            throw refused(device, "it uses features that must be known for writing (flags "
                    + Integer.toHexString(superblock.compatReadOnlyFlags()) + "); it may be opened read-only");
        }
        if (superblock.needsCheck()) {
            throw refused(device,
                    "it needs to be checked first (the needs-check flag is set); it may be opened read-only");
        }
        if (superblock.time() < 0 || superblock.time() > BlockTime.MAX_TIME) {
            throw refused(device, "its clock says " + Integer.toUnsignedString(superblock.time())
                    + ", which no mapping can hold; it may be opened read-only");
        }
        long present = device.size() / BlockManager.BLOCK_SIZE;
        if (superblock.metadataSpaceMap().blocks() > present) {
            throw refused(device, "it says it has " + superblock.metadataSpaceMap().blocks()
                    + " metadata blocks, but there are " + present + "; it may be opened read-only");
        }
    }

    private static MetadataRefusedException refused(Device device, String reason) {
        return new MetadataRefusedException(device.name() + " cannot be opened: " + reason);
    }
}

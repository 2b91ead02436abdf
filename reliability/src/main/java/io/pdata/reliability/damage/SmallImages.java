package io.pdata.reliability.damage;

import io.pdata.cache.CacheMetadata;
import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheStats;
import io.pdata.cache.ShutdownState;
import io.pdata.core.block.Bytes;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.era.EraMetadata;
import io.pdata.testkit.Golden;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinSuperblockLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * The images that get damaged: some that a kernel wrote, without the free blocks at their end, and some of our own making
 * with what those lack. Made once; thread-safe.
 */
public final class SmallImages {
    private static final long CACHE_BYTES = 1 << 20;
    /** Free blocks that a cut leaves, for a transaction to use. */
    private static final int SPARE = 40;

    private SmallImages() {}

    /** All of them. */
    public static List<Image> all() {
        return Made.ALL;
    }

    /** Those of one format. */
    static List<Image> of(Format format) {
        return Made.ALL.stream().filter(image -> image.format() == format).toList();
    }

    static Image named(String name) {
        return Made.ALL.stream().filter(image -> image.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no image " + name));
    }

    private static final class Made {
        static final List<Image> ALL = List.of(ownThin(), kernel(Format.THIN, "thin-snaps-2"),
                kernel(Format.CACHE, "cache-v1-clean"), kernel(Format.CACHE, "cache-v2-clean"),
                ownCache(), kernel(Format.ERA, "era-exact-3"), ownEra());
    }

    private static Image kernel(Format format, String name) {
        return cut(new Image(name, format, Golden.image(name)));
    }

    /** Drops free blocks at the end, from the image and from what its space map counts. */
    private static Image cut(Image whole) {
        MemorySegment superblock = whole.block(0);
        SpaceMapRoot root = SpaceMapRoot.read(superblock, whole.format().spaceMapRoot());
        MemorySegment bitmap = whole.block(
                IndexEntry.location(whole.block(root.bitmapRoot()), IndexBlock.entryOffset(0)));
        int end = whole.blocks();
        while (BitmapBlock.count(bitmap, end - 1) == 0) {
            end--;
        }
        int blocks = Math.min(whole.blocks(), end + SPARE);
        Image cut = new Image(whole.name(), whole.format(),
                Arrays.copyOf(whole.bytes(), blocks * Bytes.BLOCK_SIZE));
        cut.edit(0, whole.format().superblock(), block -> {
            new SpaceMapRoot(blocks, root.allocated(), root.bitmapRoot(), root.overflowRoot()).write(block,
                    whole.format().spaceMapRoot());
            if (whole.format() == Format.THIN) {
                block.set(Bytes.U64, ThinSuperblockLayout.FORMATTED_BLOCKS, blocks);
            }
        });
        return cut;
    }

    /**
     * Mapping trees of two levels shared by several devices, counts above 2 in both space maps, three data bitmaps, a
     * held metadata snapshot that has diverged.
     */
    private static Image ownThin() {
        MemoryDevice device = new MemoryDevice("own-thin", 128 * Bytes.BLOCK_SIZE);
        try (ThinMetadata metadata = ThinMetadata.format(device, 128, CACHE_BYTES)) {
            metadata.space().resizeData(40_000);
            metadata.commit();
            metadata.setTransactionId(0, 3);
            metadata.createThin(1);
            ThinDevice origin = metadata.openDevice(1);
            for (long block = 0; block < 600; block++) {
                metadata.insert(origin, block * 2, metadata.allocateDataBlock());
            }
            for (long id = 2; id < 6; id++) {
                metadata.createSnapshot(id, 1);
                ThinDevice snapshot = metadata.openDevice(id);
                metadata.insert(snapshot, id, metadata.allocateDataBlock());
                metadata.removeRange(snapshot, 1100, 1100 + id);
            }
            metadata.createThin(9);
            ThinDevice doomed = metadata.openDevice(9);
            metadata.insert(doomed, 77, metadata.allocateDataBlock());
            metadata.closeDevice(doomed);
            metadata.commit();
            metadata.reserveMetadataSnapshot();
            metadata.insert(origin, 1, metadata.allocateDataBlock());
            metadata.delete(9);
            metadata.createThin(10);
            metadata.insert(metadata.openDevice(10), 1, metadata.allocateDataBlock());
            metadata.commit();
        }
        return new Image("own-thin", Format.THIN, content(device));
    }

    /** Version 2, shut down in order, with sizes that leave room in the last word of each bitset. */
    private static Image ownCache() {
        MemoryDevice device = new MemoryDevice("own-cache", 96 * Bytes.BLOCK_SIZE);
        try (CacheMetadata metadata = CacheMetadata.format(device, 2, 64, CACHE_BYTES)) {
            metadata.resize(1500);
            for (long block = 0; block < 1500; block += 3) {
                metadata.insertMapping(block, 2 * block);
            }
            metadata.cleanShutdown(new ShutdownState(block -> block % 5 == 0, 128, 5000, block -> block % 7 == 0,
                    CacheStats.NONE, CachePolicy.SMQ, block -> (int) block % 64));
        }
        return new Image("own-cache", Format.CACHE, content(device));
    }

    /** Several archived writesets, a current one in use, and a metadata snapshot. */
    private static Image ownEra() {
        MemoryDevice device = new MemoryDevice("own-era", 96 * Bytes.BLOCK_SIZE);
        try (EraMetadata metadata = EraMetadata.format(device, 64, CACHE_BYTES)) {
            metadata.resume(1500);
            for (int era = 0; era < 4; era++) {
                for (long block = era; block < 1500; block += 97 + era) {
                    metadata.mark(block);
                }
                metadata.commit();
                metadata.rollOver();
            }
            metadata.takeSnapshot();
            metadata.commit();
            metadata.startDigestion();
            for (int step = 0; step < 20; step++) {
                metadata.digestStep();
            }
            metadata.mark(3);
            metadata.commit();
        }
        return new Image("own-era", Format.ERA, content(device));
    }

    private static byte[] content(MemoryDevice device) {
        byte[] bytes = new byte[Math.toIntExact(device.size())];
        device.reopen().read(0, MemorySegment.ofArray(bytes));
        return bytes;
    }
}

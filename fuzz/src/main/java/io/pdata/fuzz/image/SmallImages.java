package io.pdata.fuzz.image;

import io.pdata.cache.CacheMetadata;
import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheStats;
import io.pdata.cache.ShutdownState;
import io.pdata.core.block.Bytes;
import io.pdata.core.device.MemoryDevice;
import io.pdata.era.EraMetadata;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import java.lang.foreign.MemorySegment;

/**
 * Images with as few blocks as have everything in them: trees of two levels, counts above 2, a metadata snapshot, arrays
 * of several blocks.
 */
final class SmallImages {
    private static final long CACHE = 64L * Bytes.BLOCK_SIZE;
    private static final int METADATA_BLOCKS = 96;
    private static final int VOLUME = 400;
    private static final int SNAPSHOTS = 4;
    private static final int CACHE_BLOCKS = 700;
    private static final int ERA_BLOCKS = 1500;

    private SmallImages() {}

    static BaseImage thin() {
        MemoryDevice device = device();
        try (ThinMetadata pool = ThinMetadata.format(device, 128, CACHE)) {
            pool.space().resizeData(2000);
            pool.commit();
            pool.createThin(1);
            ThinDevice volume = pool.openDevice(1);
            for (int i = 0; i < VOLUME; i++) {
                pool.insert(volume, 2L * i, pool.allocateDataBlock());
            }
            pool.commit();
            for (int i = 0; i < SNAPSHOTS; i++) {
                pool.createSnapshot(2 + i, 1);
                pool.insert(volume, 2L * i, pool.allocateDataBlock());
            }
            pool.reserveMetadataSnapshot();
            pool.insert(volume, 3, pool.allocateDataBlock());
            pool.createThin(100);
            pool.commit();
        }
        return image("small-thin", device);
    }

    static BaseImage cache() {
        MemoryDevice device = device();
        try (CacheMetadata cache = CacheMetadata.format(device, 2, 128, CACHE)) {
            cache.resize(CACHE_BLOCKS);
            for (int i = 0; i < CACHE_BLOCKS; i += 3) {
                cache.insertMapping(i, 10L * i);
            }
            cache.commit();
            cache.cleanShutdown(new ShutdownState(block -> block % 5 == 0, 64, 20_000, block -> block % 7 == 0,
                    CacheStats.NONE, CachePolicy.SMQ, block -> (int) block % 64));
        }
        return image("small-cache", device);
    }

    static BaseImage era() {
        MemoryDevice device = device();
        try (EraMetadata era = EraMetadata.format(device, 64, CACHE)) {
            era.resume(ERA_BLOCKS);
            for (int round = 0; round < 4; round++) {
                for (int block = round; block < ERA_BLOCKS; block += 100) {
                    era.mark(block);
                }
                era.commit();
                era.rollOver();
                if (round == 1) {
                    era.digest();
                    era.takeSnapshot();
                }
            }
            era.mark(7);
            era.commit();
        }
        return image("small-era", device);
    }

    private static MemoryDevice device() {
        return new MemoryDevice((long) METADATA_BLOCKS * Bytes.BLOCK_SIZE);
    }

    private static BaseImage image(String name, MemoryDevice device) {
        byte[] bytes = new byte[METADATA_BLOCKS * Bytes.BLOCK_SIZE];
        device.reopen().read(0, MemorySegment.ofArray(bytes));
        return new BaseImage(name, bytes);
    }
}

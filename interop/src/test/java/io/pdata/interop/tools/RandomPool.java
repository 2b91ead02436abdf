package io.pdata.interop.tools;

import io.pdata.core.device.FileDevice;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Thin metadata from a seed: volumes and snapshots of them, written to and discarded, perhaps with a metadata snapshot. */
final class RandomPool {
    private static final int DATA_BLOCKS = 20_000;
    private static final long METADATA_BYTES = 4 << 20;
    private static final long CACHE_BYTES = 4 << 20;
    private static final int STEPS = 40;
    private static final int VOLUME_BLOCKS = 4000;

    private final SplittableRandom random;
    private final ThinMetadata pool;
    private final List<Long> volumes = new ArrayList<>();
    private boolean metadataSnapshot;

    /** What there is in a pool that has been made. */
    record Content(List<Long> volumes, boolean metadataSnapshot) {}

    private RandomPool(Path file, long seed) {
        random = new SplittableRandom(seed);
        pool = ThinMetadata.format(FileDevice.create(file, METADATA_BYTES), 128, CACHE_BYTES);
    }

    /** Makes the metadata of a seed in a file that does not exist. */
    static Content make(Path file, long seed) {
        RandomPool made = new RandomPool(file, seed);
        try (ThinMetadata _ = made.pool) {
            made.pool.space().resizeData(DATA_BLOCKS);
            for (int i = 0; i < STEPS; i++) {
                made.step();
            }
            made.pool.commit();
        }
        return new Content(List.copyOf(made.volumes), made.metadataSnapshot);
    }

    private void step() {
        int what = volumes.isEmpty() ? 0 : random.nextInt(20);
        if (what < 2) {
            long id = newId();
            pool.createThin(id);
            volumes.add(id);
        } else if (what < 6) {
            long id = newId();
            pool.createSnapshot(id, any());
            volumes.add(id);
        } else if (what < 7 && volumes.size() > 1) {
            long id = any();
            pool.delete(id);
            volumes.remove(id);
        } else if (what < 8 && !metadataSnapshot) {
            pool.commit();
            pool.reserveMetadataSnapshot();
            metadataSnapshot = true;
        } else {
            use(any());
        }
        if (random.nextInt(3) == 0) {
            pool.commit();
        }
    }

    /** Writes to a part of a volume, one after the other or here and there; or discards a part. */
    private void use(long id) {
        ThinDevice device = pool.openDevice(id);
        long begin = random.nextInt(VOLUME_BLOCKS);
        long blocks = 1 + random.nextInt(400);
        if (random.nextInt(4) == 0) {
            pool.removeRange(device, begin, begin + blocks);
        } else {
            int stride = 1 + random.nextInt(3) * random.nextInt(3);
            for (long i = 0; i < blocks; i++) {
                if (pool.space().freeDataBlocks() > 0) {
                    pool.insert(device, begin + i * stride, pool.allocateDataBlock());
                }
            }
        }
        pool.closeDevice(device);
    }

    private long any() {
        return volumes.get(random.nextInt(volumes.size()));
    }

    private long newId() {
        long id = random.nextInt(4) == 0 ? random.nextInt(1 << 24) : volumes.size();
        while (volumes.contains(id)) {
            id++;
        }
        return id;
    }
}

package io.pdata.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.MemoryDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.thin.ThinRequestException.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a device is said to have alone is what deleting it frees. */
class ExclusiveBlocksTest extends PoolFixture {
    private static final int DATA_BLOCKS = 20_000;

    private void map(long id, long begin, long end) {
        ThinDevice device = pool.openDevice(id);
        for (long block = begin; block < end; block++) {
            write(device, block);
        }
        pool.closeDevice(device);
        pool.commit();
    }

    private void unmap(long id, long begin, long end) {
        ThinDevice device = pool.openDevice(id);
        pool.removeRange(device, begin, end);
        pool.closeDevice(device);
        pool.commit();
    }

    private long exclusive(long id) {
        try (ThinView view = pool.openView()) {
            return view.exclusiveBlocks(id);
        }
    }

    /** Deletes the device from a copy of the pool. */
    private long freedByDeleting(long id) {
        MemorySegment content = Arena.ofAuto().allocate(device.size(), Long.BYTES);
        device.read(0, content);
        MemoryDevice copy = new MemoryDevice(device.size());
        copy.write(0, content);
        try (ThinMetadata other = ThinMetadata.open(copy, OpenOptions.readWrite().withCache(CACHE))) {
            long before = other.space().freeDataBlocks();
            other.delete(id);
            other.commit();
            return other.space().freeDataBlocks() - before;
        }
    }

    @Test
    void sharedSubtreesHideReferences() {
        format(1024, DATA_BLOCKS);
        pool.createThin(0);
        map(0, 0, 3000);
        assertThat(exclusive(0)).isEqualTo(3000);
        pool.createSnapshot(1, 0);
        pool.commit();
        // Every data block still has a count of 1: only the root of the tree is counted twice.
        assertThat(exclusive(0)).isZero();
        assertThat(exclusive(1)).isZero();
        map(1, 100, 110);
        assertThat(exclusive(1)).isEqualTo(10);
        assertThat(exclusive(0)).isEqualTo(10);
    }

    @Test
    void aMetadataSnapshotHasWhatItHolds() {
        format(1024, DATA_BLOCKS);
        pool.createThin(0);
        map(0, 0, 1000);
        pool.reserveMetadataSnapshot();
        pool.commit();
        assertThat(exclusive(0)).isZero();
        map(0, 0, 5);
        assertThat(exclusive(0)).isEqualTo(5);
        try (ThinView held = pool.openMetadataSnapshotView()) {
            assertRefused(Reason.INVALID, () -> held.exclusiveBlocks(0));
        }
        pool.releaseMetadataSnapshot();
        pool.commit();
        assertThat(exclusive(0)).isEqualTo(1000);
        assertRefused(Reason.UNKNOWN_DEVICE, () -> exclusive(7));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void whatDeletingFreesWasSaidBefore(long seed) {
        Random random = new Random(seed);
        format(2048, DATA_BLOCKS);
        List<Long> ids = new ArrayList<>(List.of(0L));
        pool.createThin(0);
        boolean held = false;
        for (int step = 0; step < 40; step++) {
            long id = ids.get(random.nextInt(ids.size()));
            long begin = random.nextInt(1500);
            switch (random.nextInt(8)) {
            case 0, 1, 2 -> map(id, begin, begin + random.nextInt(300));
            case 3 -> unmap(id, begin, begin + random.nextInt(600));
            case 4, 5 -> {
                pool.createSnapshot(step + 1, id);
                ids.add(step + 1L);
            }
            case 6 -> {
                if (held) {
                    pool.releaseMetadataSnapshot();
                } else {
                    pool.reserveMetadataSnapshot();
                }
                held = !held;
            }
            default -> {
                if (ids.size() > 3) {
                    pool.delete(id);
                    ids.remove(id);
                }
            }
            }
            pool.commit();
            long asked = ids.get(random.nextInt(ids.size()));
            assertThat(exclusive(asked)).as("seed %d, step %d, device %d", seed, step, asked)
                    .isEqualTo(freedByDeleting(asked));
        }
    }
}

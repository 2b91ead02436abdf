package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * The cases of the device-mapper test suites about snapshots and sharing, under their own names. Where those put a file
 * system on a volume, these put a pattern in all of it.
 */
class DmSnapshotTest extends PoolOnTheBench {
    private static final int BLOCKS = 20;

    @Test
    void thinOverwrite() {
        format(50);
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, BLOCKS, 1);
        fill(volume, 0, BLOCKS, 2);
        holds(volume, 0, BLOCKS, 2);
        assertThat(used()).isEqualTo(BLOCKS);
    }

    @Test
    void createSnap() {
        format(50);
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, BLOCKS, 1);
        Volume snapshot = snapshot(1, 0, BLOCKS);
        holds(snapshot, 0, BLOCKS, 1);
        holds(volume, 0, BLOCKS, 1);
        assertThat(used()).isEqualTo(BLOCKS);
    }

    @Test
    void breakSharing() {
        format(50);
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, BLOCKS, 1);
        Volume snapshot = snapshot(1, 0, BLOCKS);
        for (long block = 0; block < BLOCKS; block++) {
            write(volume, block * BLOCK + 4096, 4096, 2);
        }
        holds(snapshot, 0, BLOCKS, 1);
        assertThat(read(volume, 0, 4096)).isEqualTo(1);
        assertThat(read(volume, 4096, 4096)).isEqualTo(2);
        assertThat(read(volume, 8192, BLOCK - 8192)).isEqualTo(1);
        assertThat(used()).isEqualTo(2 * BLOCKS);
    }

    /** In the suite also: space_use. */
    @Test
    void poolUtilizationBlock() {
        format(50);
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, BLOCKS, 1);
        snapshot(1, 0, BLOCKS);
        for (int broken = 1; broken <= BLOCKS; broken++) {
            write(volume, (broken - 1L) * BLOCK, SECTOR, 2);
            write(volume, (broken - 1L) * BLOCK, SECTOR, 3);
            assertThat(used()).isEqualTo(BLOCKS + broken);
        }
    }

    @Test
    void manySnapshotsOfSameVolume() {
        format(200);
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, BLOCKS, 1);
        List<Volume> snapshots = new ArrayList<>();
        for (int id = 1; id <= 40; id++) {
            snapshots.add(snapshot(id, 0, BLOCKS));
        }
        fill(volume, 0, BLOCKS, 2);
        snapshots.forEach(snapshot -> holds(snapshot, 0, BLOCKS, 1));
        assertThat(used()).isEqualTo(2 * BLOCKS);
    }

    @Test
    void parallelIoToSharedThins() throws InterruptedException {
        format(METADATA_BLOCKS, 200, BLOCK_SECTORS, options());
        Volume origin = create(0, BLOCKS);
        fill(origin, 0, BLOCKS, 1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int id = 1; id <= 4; id++) {
            Volume snapshot = snapshot(id, 0, BLOCKS);
            int tag = id;
            Thread thread = Thread.ofPlatform().unstarted(() -> {
                for (int i = 0; i < 400; i++) {
                    write(snapshot, (i * 7L + tag) % (BLOCKS * 16) * 4096, 4096, 100 + tag);
                }
                for (int i = 0; i < BLOCKS * 16; i++) {
                    assertThat(read(snapshot, i * 4096L, 4096)).isEqualTo(100 + tag);
                }
            });
            thread.setUncaughtExceptionHandler((_, e) -> failure.set(e));
            threads.add(thread);
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
        holds(origin, 0, BLOCKS, 1);
    }

    /** More than three that share a block: its count goes to the overflow tree, and comes back. */
    @Test
    void refCountTree() {
        format(200);
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, BLOCKS, 1);
        for (int id = 1; id <= 8; id++) {
            write(snapshot(id, 0, BLOCKS), 0, SECTOR, id); // a leaf of its own: now each counts all blocks
        }
        assertThat(used()).isEqualTo(BLOCKS + 8);
        closeVolumes();
        for (int id = 0; id < 8; id++) {
            pool.deleteVolume(id);
        }
        Volume last = volume(8, BLOCKS);
        holds(last, 1, BLOCKS - 1, 1);
        assertThat(used()).isEqualTo(BLOCKS);
    }

    @Test
    void patternStompSnap() {
        format(50);
        Volume origin = create(0, BLOCKS);
        fill(origin, 0, BLOCKS, 1);
        Volume snapshot = snapshot(1, 0, BLOCKS);
        fill(snapshot, 0, BLOCKS, 2);
        holds(origin, 0, BLOCKS, 1);
        holds(snapshot, 0, BLOCKS, 2);
    }

    @Test
    void patternStompOrigin() {
        format(50);
        Volume origin = create(0, BLOCKS);
        fill(origin, 0, BLOCKS, 1);
        Volume snapshot = snapshot(1, 0, BLOCKS);
        fill(origin, 0, BLOCKS, 2);
        holds(origin, 0, BLOCKS, 2);
        holds(snapshot, 0, BLOCKS, 1);
    }

    @Test
    void manySnapsWithChanges() {
        format(400);
        SplittableRandom random = new SplittableRandom(1);
        Volume volume = create(0, BLOCKS);
        long[] now = new long[BLOCKS];
        List<long[]> contents = new ArrayList<>();
        for (int id = 1; id <= 40; id++) {
            for (int i = 0; i < 5; i++) {
                int block = random.nextInt(BLOCKS);
                now[block] = 100L * id + i;
                fill(volume, block, 1, now[block]);
            }
            pool.createSnapshot(id, 0);
            contents.add(now.clone());
        }
        for (int id = 1; id <= 40; id++) {
            Volume snapshot = volume(id, BLOCKS);
            for (int block = 0; block < BLOCKS; block++) {
                holds(snapshot, block, 1, contents.get(id - 1)[block]);
            }
        }
    }

    @Test
    void tryAndCreateDuplicates() {
        format(50);
        pool.createVolume(0);
        pool.createSnapshot(1, 0);
        for (long id = 0; id < 2; id++) {
            long which = id;
            assertThatThrownBy(() -> pool.createVolume(which)).isInstanceOfSatisfying(ThinRequestException.class,
                    e -> assertThat(e.reason()).isEqualTo(Reason.DEVICE_EXISTS));
            assertThatThrownBy(() -> pool.createSnapshot(which, 0)).isInstanceOfSatisfying(ThinRequestException.class,
                    e -> assertThat(e.reason()).isEqualTo(Reason.DEVICE_EXISTS));
        }
    }
}

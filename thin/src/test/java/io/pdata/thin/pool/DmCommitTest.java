package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.thin.pool.ProbedDevice.Kind;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The cases of the device-mapper test suites about commits, flushes and suspending, under their own names. A pool here is
 * not suspended as a whole: for the moment of a request the volumes that it is about are held still.
 */
@Timeout(60)
class DmCommitTest extends PoolOnTheBench {
    private static final int BLOCKS = 10;

    /** In the suite also: flush_triggers_commit. */
    @Test
    void commitIfChanged() {
        format(50);
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, 1, 1);
        long before = metadata.count(Kind.WRITE);
        volume.flush();
        long committed = metadata.count(Kind.WRITE);
        assertThat(committed).isGreaterThan(before);
        fill(volume, 0, 1, 2);
        long flushes = data.count(Kind.FLUSH);
        volume.flush();
        assertThat(metadata.count(Kind.WRITE)).as("nothing but data has changed").isEqualTo(committed);
        assertThat(data.count(Kind.FLUSH)).isEqualTo(flushes + 1);
        stopMachineAndOpen();
        holds(volume(0, BLOCKS), 0, 1, 2);
    }

    @Test
    void poolWithoutThinDevicesDoesNotCommit() {
        format(50);
        pool.status();
        long writes = metadata.count(Kind.WRITE);
        for (int i = 0; i < 10; i++) {
            pool.status();
            pool.metadata().commitIfChanged();
        }
        assertThat(metadata.count(Kind.WRITE)).isEqualTo(writes);
    }

    @Test
    void overwritingVariousThinDevices() {
        format(100);
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, BLOCKS, 1);
        fill(volume, 0, BLOCKS, 2);
        Volume snapshot = snapshot(1, 0, BLOCKS);
        fill(volume, 0, BLOCKS, 3);
        fill(volume, 0, BLOCKS, 4);
        holds(snapshot, 0, BLOCKS, 2);
        fill(snapshot, 0, BLOCKS, 5);
        fill(snapshot, 0, BLOCKS, 6);
        holds(volume, 0, BLOCKS, 4);
        holds(snapshot, 0, BLOCKS, 6);
        assertThat(used()).isEqualTo(2 * BLOCKS);
    }

    /** A snapshot is taken and deleted again beside a volume that is flushed all the time. */
    @Test
    void ext4Weirdness() {
        format(100);
        Volume volume = create(0, BLOCKS);
        for (int round = 1; round <= 20; round++) {
            fill(volume, 0, BLOCKS, round);
            volume.flush();
            pool.createSnapshot(1, 0);
            write(volume, 0, SECTOR, 1000 + round);
            volume.flush();
            pool.deleteVolume(1);
        }
        assertThat(read(volume, 0, SECTOR)).isEqualTo(1020);
        holds(volume, 1, BLOCKS - 1, 20);
        assertThat(used()).isEqualTo(BLOCKS);
    }

    @Test
    void suspendPoolNoThins() {
        format(50);
        pool.request(Set.of(), _ -> {});
        assertThat(pool.status().mode()).isEqualTo(PoolMode.WRITE);
    }

    @Test
    void suspendPoolNoActiveThins() {
        format(50);
        pool.createVolume(0);
        pool.request(Set.of(0L), _ -> {});
        fill(volume(0, BLOCKS), 0, 1, 1);
    }

    @Test
    void suspendPoolActiveThinsNoIo() {
        format(50);
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, 1, 1);
        pool.request(Set.of(0L), _ -> {});
        holds(volume, 0, 1, 1);
        fill(volume, 1, 1, 2);
    }

    /** Two who hold the same volumes still, in whatever order they name them, do not wait for each other for ever. */
    @Test
    void suspendPoolConcurrentSuspend() throws InterruptedException {
        format(50);
        Volume first = create(0, BLOCKS);
        Volume second = create(1, BLOCKS);
        CountDownLatch go = new CountDownLatch(1);
        Thread[] threads = new Thread[4];
        for (int t = 0; t < threads.length; t++) {
            Set<Long> ids = t % 2 == 0 ? Set.of(0L, 1L) : Set.of(1L, 0L);
            Volume volume = t < 2 ? first : second;
            threads[t] = Thread.ofPlatform().start(() -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                for (int i = 0; i < 50; i++) {
                    pool.request(ids, _ -> {});
                    fill(volume, 0, 1, i);
                }
            });
        }
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        holds(first, 0, 1, 49);
        holds(second, 0, 1, 49);
    }
}

package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.MemoryDevice;
import io.pdata.thin.Recount;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many threads on one volume. */
class PoolThreadsTest {
    private static final int SECTOR = 512;
    private static final int BLOCK = 128 * SECTOR;
    private static final int THREADS = 4;

    private final MemoryDevice metadata = new MemoryDevice("metadata", 2000 * 4096L);
    private final MemoryDevice data = new MemoryDevice("data", 500L * BLOCK);
    private final ThinPool pool = ThinPool.format(metadata, data, new MemoryDevice("log", IntentLog.SIZE), 128,
            PoolOptions.defaults().withErrorIfNoSpace(true), PoolEvents.NONE);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final List<Thread> threads = new ArrayList<>();

    /** Whatever the threads did, nothing may be lost or counted wrongly. */
    @AfterEach
    void everyReferenceIsCounted() {
        pool.close();
        Recount.verify(metadata.reopen());
    }

    private interface Work {
        void run(int thread, SplittableRandom random);
    }

    private void start(int count, Work work) {
        for (int t = 0; t < count; t++) {
            int number = t;
            Thread thread = new Thread(() -> work.run(number, new SplittableRandom(number)));
            thread.setUncaughtExceptionHandler((_, e) -> {
                failure.compareAndSet(null, e);
                stop.set(true);
            });
            threads.add(thread);
            thread.start();
        }
    }

    private void join() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
    }

    private static void put(Volume volume, long sector, int value) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[SECTOR]);
        bytes.set(Bytes.U32, 0, value);
        volume.write(sector * SECTOR, bytes);
    }

    private static int get(Volume volume, long sector) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[SECTOR]);
        volume.read(sector * SECTOR, bytes);
        return bytes.get(Bytes.U32, 0);
    }

    @Test
    void writersOfTheSameNewBlocksKeepEachOthersSectors() throws InterruptedException {
        pool.createVolume(0);
        try (Volume volume = pool.openVolume(0, 200L * BLOCK, null)) {
            start(THREADS, (thread, _) -> {
                for (int block = 0; block < 200 && !stop.get(); block++) {
                    for (int i = 0; i < 8; i++) {
                        put(volume, block * 128L + i * THREADS + thread, 1 + block * 8 + i);
                    }
                }
            });
            join();
            for (int block = 0; block < 200; block++) {
                for (int sector = 0; sector < 8 * THREADS; sector++) {
                    assertThat(get(volume, block * 128L + sector)).isEqualTo(1 + block * 8 + sector / THREADS);
                }
                assertThat(get(volume, block * 128L + 8 * THREADS)).as("never written").isZero();
            }
        }
        assertThat(pool.details(0).mappedBlocks()).isEqualTo(200);
    }

    /** Each thread writes a number to one block and then to another: no moment shows the second ahead of the first. */
    @Test
    void aSnapshotAmidAFloodOfWritesIsOneMoment() throws InterruptedException {
        pool.createVolume(0);
        int snapshots = 40;
        try (Volume volume = pool.openVolume(0, 2L * THREADS * BLOCK, null)) {
            start(THREADS, (thread, _) -> {
                for (int n = 1; !stop.get(); n++) {
                    put(volume, thread * 256L, n);
                    put(volume, thread * 256L + 128, n);
                }
            });
            for (int id = 1; id <= snapshots; id++) {
                pool.createSnapshot(id, 0);
            }
            stop.set(true);
            join();
        }
        for (int id = 1; id <= snapshots; id++) {
            try (Volume snapshot = pool.openVolume(id, 2L * THREADS * BLOCK, null)) {
                for (int thread = 0; thread < THREADS; thread++) {
                    int first = get(snapshot, thread * 256L);
                    int second = get(snapshot, thread * 256L + 128);
                    assertThat(first - second).as("%d and %d in snapshot %d", first, second, id).isBetween(0, 1);
                }
            }
        }
    }

    @Test
    void writesBesideDiscardsAreThereOrNotButNeverTorn() throws InterruptedException {
        pool.createVolume(0);
        try (Volume volume = pool.openVolume(0, 20L * BLOCK, null)) {
            start(1, (_, random) -> {
                while (!stop.get()) {
                    int first = random.nextInt(20);
                    volume.discard(first * (long) BLOCK, random.nextInt(1, 21 - first) * (long) BLOCK);
                }
            });
            start(1, (_, _) -> {
                while (!stop.get()) {
                    volume.flush();
                }
            });
            start(THREADS, (thread, random) -> {
                for (int i = 1; i < 3000 && !stop.get(); i++) {
                    long sector = random.nextInt(20) * 128L + thread;
                    put(volume, sector, i * THREADS + thread);
                    assertThat(get(volume, sector)).isIn(0, i * THREADS + thread);
                }
                stop.set(true);
            });
            join();
        }
    }

    @Test
    void blocksThatAreDiscardedAndFreedAreUsedAgainWithoutEnd() throws InterruptedException {
        pool.createVolume(0);
        try (Volume volume = pool.openVolume(0, 1000L * BLOCK, null)) {
            start(THREADS, (thread, random) -> {
                for (int i = 0; i < 1500; i++) {
                    long block = thread + THREADS * random.nextLong(100);
                    put(volume, block * 128, 1);
                    if (random.nextInt(3) > 0) {
                        volume.discard(block * BLOCK, BLOCK);
                    }
                }
            });
            join();
        }
        assertThat(pool.status().usedDataBlocks()).isEqualTo(pool.details(0).mappedBlocks());
    }

    /** A write that was let in before the volume became smaller must not provide a block beyond its end. */
    @Test
    void aSmallerVolumeHasNothingBeyondItsEndWhateverWritersDo() throws InterruptedException {
        pool.createVolume(0);
        try (Volume volume = pool.openVolume(0, 20L * BLOCK, null)) {
            start(THREADS, (_, _) -> {
                MemorySegment all = MemorySegment.ofArray(new byte[20 * BLOCK]);
                while (!stop.get()) {
                    try {
                        volume.write(0, all);
                    } catch (IndexOutOfBoundsException _) {
                        Thread.onSpinWait(); // the volume is small at the moment
                    }
                }
            });
            for (int i = 0; i < 100 && !stop.get(); i++) {
                volume.resize(BLOCK, false);
                assertThat(pool.details(0).mappedBlocks()).isLessThanOrEqualTo(1);
                volume.resize(20L * BLOCK, false);
            }
            stop.set(true);
            join();
        }
    }

    @Test
    void aVolumeInUseIsNotDeletedAndAClosedOneIs() {
        pool.createVolume(0);
        Volume volume = pool.openVolume(0, BLOCK, null);
        assertThatThrownBy(() -> pool.deleteVolume(0)).hasMessageContaining("open");
        put(volume, 0, 1);
        volume.close();
        pool.deleteVolume(0);
        assertThat(pool.status().usedDataBlocks()).isZero();
    }
}

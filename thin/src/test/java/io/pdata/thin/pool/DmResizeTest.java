package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.DeviceBusyException;
import io.pdata.core.device.FileDevice;
import io.pdata.core.device.DeviceFullException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.store.MetadataRefusedException;
import io.pdata.thin.Recount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The cases of the device-mapper test suites about resizing and running out, under their own names. */
@Timeout(60)
class DmResizeTest extends PoolOnTheBench {
    private static final PoolOptions WAITING = options().withErrorIfNoSpace(false).withNoSpaceTimeout(Duration.ZERO);

    private void growData(long blocks) {
        data.resize(blocks * BLOCK, false);
        pool.grow();
    }

    private void growMetadata(long blocks) {
        metadata.resize(blocks * 4096, false);
        pool.grow();
    }

    @Test
    void resizeAfterOodsErrorImmediately() {
        format(5);
        Volume volume = create(0, 10);
        assertThatThrownBy(() -> fill(volume, 0, 10, 7)).isInstanceOf(NoSpaceException.class);
        growData(10);
        assertThat(modes).containsExactly(PoolMode.OUT_OF_DATA_SPACE, PoolMode.WRITE);
        fill(volume, 0, 10, 8);
        holds(volume, 0, 10, 8);
    }

    @Test
    void resizeAfterOodsHeldIo() throws InterruptedException {
        format(5, WAITING);
        Volume volume = create(0, 10);
        Thread held = Thread.ofPlatform().start(() -> fill(volume, 0, 10, 7));
        awaitFull();
        growData(10);
        held.join();
        holds(volume, 0, 10, 7);
    }

    /** A growth that is too small for all that waits holds the rest up again. */
    @Test
    void resizeAfterOodsHeldIoPreload() throws InterruptedException {
        format(5, WAITING);
        Volume volume = create(0, 10);
        Thread held = Thread.ofPlatform().start(() -> fill(volume, 0, 10, 7));
        for (int blocks = 6; blocks <= 10; blocks++) {
            awaitFull();
            growData(blocks);
        }
        held.join();
        holds(volume, 0, 10, 7);
    }

    @Test
    void resizeAfterOodsHeldIoTimedOutPreload() {
        format(5, WAITING.withNoSpaceTimeout(Duration.ofMillis(20)));
        Volume volume = create(0, 10);
        assertThatThrownBy(() -> fill(volume, 0, 10, 7)).isInstanceOf(NoSpaceException.class);
        growData(10);
        fill(volume, 0, 10, 8);
        assertThatThrownBy(() -> fill(create(1, 1), 0, 1, 9)).as("waits again, and times out again")
                .isInstanceOf(NoSpaceException.class);
        assertThat(modes).containsExactly(PoolMode.OUT_OF_DATA_SPACE, PoolMode.WRITE, PoolMode.OUT_OF_DATA_SPACE);
    }

    private void awaitFull() {
        while (pool.status().mode() != PoolMode.OUT_OF_DATA_SPACE) {
            Thread.onSpinWait();
        }
    }

    @Test
    void dataCannotBeSmallerThanPoolOnInitialLoad() {
        format(10);
        pool.close();
        data.reopen().resize(9L * BLOCK, false);
        assertThatThrownBy(() -> open(options())).isInstanceOf(MetadataRefusedException.class)
                .hasMessageContaining("data");
        data.reopen().resize(10L * BLOCK, false);
        open(options());
    }

    @Test
    void dataCannotBeSmallerThanPoolOnReload() {
        format(10);
        data.resize(9L * BLOCK, false);
        pool.grow();
        assertThat(pool.status().dataBlocks()).isEqualTo(10);
        data.resize(10L * BLOCK, false);
    }

    @Test
    void extraDataSpaceMustNotBeUsedOnReload() {
        format(5);
        data.resize(10L * BLOCK, false);
        Volume volume = create(0, 10);
        assertThatThrownBy(() -> fill(volume, 0, 10, 7)).isInstanceOf(NoSpaceException.class);
        assertThat(used()).isEqualTo(5);
        pool.grow();
        fill(volume, 0, 10, 7);
    }

    @Test
    void reloadNoIo() {
        format(5);
        pool.grow();
        pool.grow();
        assertThat(pool.status().dataBlocks()).isEqualTo(5);
    }

    @Test
    void reloadIo() throws InterruptedException {
        grownBesideIo(() -> pool.grow());
    }

    @Test
    void resize() {
        format(5);
        Volume volume = create(0, 40);
        for (int blocks = 6; blocks <= 40; blocks++) {
            growData(blocks);
            assertThat(pool.status().dataBlocks()).isEqualTo(blocks);
        }
        fill(volume, 0, 40, 7);
        holds(volume, 0, 40, 7);
    }

    @Test
    void resizeIo() throws InterruptedException {
        int[] blocks = {100};
        grownBesideIo(() -> growData(++blocks[0]));
    }

    @Test
    void metadataResizeNoIo() {
        format(5);
        for (long blocks = METADATA_BLOCKS + 1; blocks < METADATA_BLOCKS + 50; blocks++) {
            growMetadata(blocks);
            assertThat(pool.status().metadataBlocks()).isEqualTo(blocks);
        }
    }

    @Test
    void metadataResizeNoIoWithExtraChecking() {
        format(50);
        Volume volume = create(0, 40);
        for (int i = 1; i <= 20; i++) {
            growMetadata(METADATA_BLOCKS + 10L * i);
            fill(volume, 2L * i - 2, 2, i);
            pool.status();
            Recount.verify(metadata);
        }
    }

    @Test
    void metadataResizeWithIo() throws InterruptedException {
        long[] blocks = {METADATA_BLOCKS};
        grownBesideIo(() -> growMetadata(++blocks[0]));
    }

    private void grownBesideIo(Runnable growth) throws InterruptedException {
        format(100);
        Volume volume = create(0, 50);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread writer = Thread.ofPlatform().unstarted(() -> {
            for (int i = 0; i < 300; i++) {
                fill(volume, i % 50, 1, i);
                if (i % 7 == 0) {
                    discard(volume, i % 50, 1);
                    volume.flush();
                }
            }
            fill(volume, 0, 50, 7);
        });
        writer.setUncaughtExceptionHandler((_, e) -> failure.set(e));
        writer.start();
        for (int i = 0; i < 40; i++) {
            growth.run();
        }
        writer.join();
        assertThat(failure.get()).isNull();
        holds(volume, 0, 50, 7);
    }

    // ---- out of metadata space ----

    private static final int SMALL = 80;
    private static final long FAR = 20_000;

    /** Provides blocks far from each other until there is no room for their mappings. Returns how many there are. */
    private int exhaust(Volume volume) {
        int[] blocks = {0};
        assertThatThrownBy(() -> {
            for (; blocks[0] < FAR; blocks[0]++) {
                write(volume, blocks[0] * (long) BLOCK, SECTOR, 1 + blocks[0]);
            }
        }).isInstanceOf(DeviceFullException.class);
        assertThat(pool.status().mode()).isEqualTo(PoolMode.OUT_OF_METADATA_SPACE);
        return blocks[0];
    }

    private void firstSectorsHold(Volume volume, int blocks) {
        for (int block = 0; block < blocks; block++) {
            assertThat(read(volume, block * (long) BLOCK, SECTOR)).isEqualTo(1 + block);
        }
    }

    /** There is a reserve, so the pool stops before anything fails: nothing needs a check, and nothing is lost. */
    @Test
    void exhaustingMetadataSpaceAbortsToRoMode() {
        format(SMALL, FAR, BLOCK_SECTORS, options());
        Volume volume = create(0, FAR);
        int blocks = exhaust(volume);
        assertThat(modes).containsExactly(PoolMode.OUT_OF_METADATA_SPACE);
        assertThat(pool.status().mode().status()).isEqualTo("ro");
        assertThat(pool.status().needsCheck()).isFalse();
        assertThat(lowOnMetadata).isNotEmpty();
        firstSectorsHold(volume, blocks);
        write(volume, 0, SECTOR, 1);
        volume.flush();
        assertThatThrownBy(() -> pool.createVolume(1)).isInstanceOf(DeviceFullException.class);
        pool.metadata().commitIfChanged();
        Recount.verify(metadata);
    }

    @Test
    void resizeAfterExhaust() {
        format(SMALL, FAR, BLOCK_SECTORS, options());
        Volume volume = create(0, FAR);
        int blocks = exhaust(volume);
        growMetadata(2 * SMALL);
        assertThat(modes).containsExactly(PoolMode.OUT_OF_METADATA_SPACE, PoolMode.WRITE);
        write(volume, blocks * (long) BLOCK, SECTOR, 1 + blocks);
        firstSectorsHold(volume, blocks + 1);
        assertThat(used()).isEqualTo(mapped(0));
    }

    @Test
    void thinRemoveWorksAfterResize() {
        format(SMALL, FAR, BLOCK_SECTORS, options());
        Volume volume = create(0, FAR);
        exhaust(volume);
        growMetadata(2 * SMALL);
        volume.close();
        pool.deleteVolume(0);
        assertThat(used()).isZero();
    }

    @Test
    void recoverAfterCrash() {
        format(SMALL, FAR, BLOCK_SECTORS, options());
        int blocks = exhaust(create(0, FAR));
        killAndOpen();
        firstSectorsHold(volume(0, FAR), blocks);
        growMetadata(2 * SMALL);
        write(volume(0, FAR), blocks * (long) BLOCK, SECTOR, 1 + blocks);
        stopMachineAndOpen();
        firstSectorsHold(volume(0, FAR), blocks);
    }

    // ---- two pools ----

    @Test
    void twoPoolsPointingToTheSameMetadataFails(@TempDir Path folder) {
        Path file = folder.resolve("metadata");
        FileDevice first = FileDevice.create(file, METADATA_BLOCKS * 4096);
        metadata = new ProbedDevice("unused", 4096);
        try (ThinPool one = ThinPool.format(first, new ProbedDevice("data", 10L * BLOCK),
                new ProbedDevice("log", IntentLog.SIZE), BLOCK_SECTORS, options(), events)) {
            assertThatThrownBy(() -> FileDevice.open(file, FileDevice.Access.READ_WRITE))
                    .isInstanceOf(DeviceBusyException.class).hasMessageContaining("metadata");
            one.createVolume(0);
        }
    }

    @Test
    void twoPoolsCanCreateThins() {
        format(10);
        try (ThinPool other = ThinPool.format(new ProbedDevice("other", METADATA_BLOCKS * 4096),
                new ProbedDevice("other data", 10L * BLOCK), new ProbedDevice("other log", IntentLog.SIZE),
                BLOCK_SECTORS, options(), PoolEvents.NONE)) {
            other.createVolume(0);
            Volume here = create(0, 10);
            try (Volume there = other.openVolume(0, 10L * BLOCK, null)) {
                fill(here, 0, 1, 7);
                holds(there, 0, 1, 0);
                fill(there, 0, 2, 8);
                holds(here, 0, 1, 7);
            }
            assertThat(used()).isEqualTo(1);
            assertThat(other.status().usedDataBlocks()).isEqualTo(2);
        }
    }
}

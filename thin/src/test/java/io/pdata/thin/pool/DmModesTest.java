package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.DeviceException;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.store.MetadataRefusedException;
import io.pdata.thin.Recount;
import io.pdata.thin.pool.ProbedDevice.Kind;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The cases of the device-mapper test suites about modes and failures, under their own names. */
@Timeout(60)
class DmModesTest extends PoolOnTheBench {
    private static final int BLOCKS = 10;
    private static final PoolOptions READ_ONLY = options().withReadOnly(true);

    /** Half of the volume is provisioned; the pool is open for reading only. */
    private Volume readOnly() {
        format(50);
        fill(create(0, BLOCKS), 0, BLOCKS / 2, 7);
        reopen(READ_ONLY);
        return volume(0, BLOCKS);
    }

    @Test
    void createReadOnly() {
        readOnly();
        assertThat(pool.status().mode()).isEqualTo(PoolMode.READ_ONLY);
        assertThat(pool.status().mode().status()).isEqualTo("ro");
    }

    @Test
    void canAccessFullyMappedDevice() {
        Volume volume = readOnly();
        holds(volume, 0, BLOCKS / 2, 7);
        fill(volume, 0, BLOCKS / 2, 8);
        volume.flush();
        holds(volume, 0, BLOCKS / 2, 8);
    }

    @Test
    void canReadUnprovisionedRegions() {
        holds(readOnly(), BLOCKS / 2, BLOCKS / 2, 0);
    }

    @Test
    void cantProvisionNewBlocks() {
        Volume volume = readOnly();
        assertThatThrownBy(() -> fill(volume, BLOCKS / 2, 1, 8)).isInstanceOf(ReadOnlyException.class);
        discard(volume, 0, BLOCKS);
        holds(volume, 0, BLOCKS / 2, 7);
    }

    @Test
    void cantCreateNewThins() {
        readOnly();
        assertThatThrownBy(() -> pool.createVolume(1)).isInstanceOf(ReadOnlyException.class);
        assertThatThrownBy(() -> pool.createSnapshot(1, 0)).isInstanceOf(ReadOnlyException.class);
    }

    @Test
    void cantDeleteThins() {
        readOnly().close();
        assertThatThrownBy(() -> pool.deleteVolume(0)).isInstanceOf(ReadOnlyException.class);
        assertThat(mapped(0)).isEqualTo(BLOCKS / 2);
    }

    @Test
    void withRoDevWorks() {
        Volume volume = readOnly();
        long writes = metadata.count(Kind.WRITE);
        holds(volume, 0, BLOCKS / 2, 7);
        pool.status();
        reopen(READ_ONLY);
        assertThat(metadata.count(Kind.WRITE)).isEqualTo(writes);
    }

    @Test
    void roPoolSucceedsWithRoMetadata() {
        format(50);
        fill(create(0, BLOCKS), 0, BLOCKS, 7);
        pool.close();
        metadata.breakWhere(kind -> kind == Kind.WRITE || kind == Kind.FLUSH);
        open(READ_ONLY);
        holds(volume(0, BLOCKS), 0, BLOCKS, 7);
        pool.close();
    }

    @Test
    void commitFailureCausesFallback() {
        format(50);
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, 2, 7);
        volume.flush();
        fill(volume, 2, 2, 8);
        metadata.breakWhere(kind -> kind == Kind.WRITE);
        assertThatThrownBy(volume::flush).isInstanceOf(DeviceException.class).hasMessageContaining("metadata");
        assertThat(modes).containsExactly(PoolMode.READ_ONLY);
        holds(volume, 0, 2, 7);
        holds(volume, 2, 2, 0);
        assertThatThrownBy(() -> fill(volume, 4, 1, 9)).isInstanceOf(ReadOnlyException.class);
    }

    /** The device of the metadata works, so that the flag can be set: what fails is the flush of the data. */
    @Test
    void commitFailureSetsNeedsCheck() {
        format(50);
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, 2, 7);
        volume.flush();
        fill(volume, 2, 2, 8);
        data.breakWhere(kind -> kind == Kind.FLUSH);
        assertThatThrownBy(volume::flush).isInstanceOf(DeviceException.class);
        data.repair();
        assertThat(pool.status().needsCheck()).isTrue();
        reopen();
        assertThat(pool.status().needsCheck()).isTrue();
        assertThat(pool.status().mode()).isEqualTo(PoolMode.READ_ONLY);
        holds(volume(0, BLOCKS), 0, 2, 7);
        assertThatThrownBy(() -> pool.createVolume(1)).isInstanceOf(ReadOnlyException.class);
    }

    /** A pool that needs a check is not repaired by what is written to it, nor by opening it again. */
    @Test
    void bz1230271() {
        commitFailureSetsNeedsCheck();
        Volume volume = volume(0, BLOCKS);
        fill(volume, 0, 2, 9);
        volume.flush();
        reopen();
        assertThat(pool.status().needsCheck()).isTrue();
        assertThat(modes).containsExactly(PoolMode.READ_ONLY);
        holds(volume(0, BLOCKS), 0, 2, 9);
    }

    @Test
    void abortingAFreshPool() {
        format(50);
        metadata.breakWhere(kind -> kind == Kind.WRITE);
        assertThatThrownBy(() -> pool.createVolume(0)).isInstanceOf(DeviceException.class);
        metadata.repair();
        assertThatThrownBy(() -> pool.details(0)).hasMessageContaining("no volume");
        pool.close();
        Recount.verify(metadata.reopen());
        open(options());
        pool.createVolume(0);
    }

    @Test
    void abortingAProvisionedThin() {
        format(50);
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, BLOCKS, 7);
        volume.flush();
        metadata.breakWhere(kind -> kind == Kind.WRITE);
        assertThatThrownBy(() -> pool.createSnapshot(1, 0)).isInstanceOf(DeviceException.class);
        metadata.repair();
        holds(volume, 0, BLOCKS, 7);
        reopen();
        holds(volume(0, BLOCKS), 0, BLOCKS, 7);
        pool.createSnapshot(1, 0);
    }

    @Test
    void abortingDuringIo() throws InterruptedException {
        format(200);
        Volume volume = create(0, 100);
        fill(volume, 0, 20, 7);
        volume.flush();
        Thread[] writers = new Thread[3];
        AtomicReference<Throwable> surprise = new AtomicReference<>();
        for (int t = 0; t < writers.length; t++) {
            int number = t;
            writers[t] = Thread.ofPlatform().start(() -> {
                try {
                    for (int block = 20 + number; block < 100; block += writers.length) {
                        fill(volume, block, 1, 8);
                    }
                } catch (ReadOnlyException | DeviceException _) {
                    return; // what is to be expected
                } catch (RuntimeException e) {
                    surprise.set(e);
                }
            });
        }
        metadata.breakWhere(kind -> kind == Kind.WRITE);
        assertThatThrownBy(() -> {
            while (true) {
                pool.createVolume(1);
            }
        }).isInstanceOf(DeviceException.class);
        for (Thread writer : writers) {
            writer.join();
        }
        assertThat(surprise.get()).isNull();
        metadata.repair();
        holds(volume, 0, 20, 7);
        reopen();
        holds(volume(0, 100), 0, 20, 7);
    }

    @Test
    void fillingPoolReturnsEnospc() {
        format(5);
        Volume volume = create(0, BLOCKS);
        assertThatThrownBy(() -> fill(volume, 0, BLOCKS, 7)).isInstanceOf(NoSpaceException.class)
                .hasMessageContaining("data space map");
        holds(volume, 0, 5, 7);
        holds(volume, 5, 5, 0);
        assertThat(lowOnData).containsExactly(0L);
    }

    @Test
    void fillingThinDeviceReturnsEnospc() {
        format(50);
        Volume volume = create(0, BLOCKS);
        assertThatThrownBy(() -> fill(volume, 0, BLOCKS + 1, 7)).isInstanceOf(IndexOutOfBoundsException.class);
        holds(volume, 0, BLOCKS, 7);
    }

    @Test
    void outOfDataSpaceErrorsImmediatelyIfRequested() {
        format(1, options().withErrorIfNoSpace(true).withNoSpaceTimeout(Duration.ZERO));
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, 1, 7);
        assertThatThrownBy(() -> fill(volume, 1, 1, 7)).isInstanceOf(NoSpaceException.class);
        assertThat(pool.status().mode()).isEqualTo(PoolMode.OUT_OF_DATA_SPACE);
    }

    @Test
    void outOfDataSpaceTimesOut() {
        format(1, options().withErrorIfNoSpace(false).withNoSpaceTimeout(Duration.ofMillis(50)));
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, 1, 7);
        assertThatThrownBy(() -> fill(volume, 1, 1, 7)).isInstanceOf(NoSpaceException.class);
        assertThatThrownBy(() -> fill(volume, 1, 1, 7)).as("at once").isInstanceOf(NoSpaceException.class);
        discard(volume, 0, 1);
        volume.flush();
        fill(volume, 1, 1, 8);
    }

    @Test
    void ioToProvisionedRegionWithOodsHeldIo() throws InterruptedException {
        format(2, options().withErrorIfNoSpace(false).withNoSpaceTimeout(Duration.ZERO));
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, 2, 7);
        Thread held = Thread.ofPlatform().start(() -> fill(volume, 5, 1, 9));
        while (pool.status().mode() != PoolMode.OUT_OF_DATA_SPACE) {
            Thread.onSpinWait();
        }
        fill(volume, 0, 1, 8);
        holds(volume, 0, 1, 8);
        volume.flush();
        discard(volume, 1, 1);
        volume.flush();
        held.join();
        holds(volume, 5, 1, 9);
    }

    /** A pool is not made on what is not blank, and not opened where there is none. */
    @Test
    void formattingAndOpeningAreNotMixedUp() {
        format(5);
        pool.close();
        assertThatThrownBy(() -> ThinPool.format(metadata.reopen(), data.reopen(), log.reopen(), BLOCK_SECTORS,
                options(), events)).isInstanceOf(MetadataRefusedException.class);
        open(options());
    }
}

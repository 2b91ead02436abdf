package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.DeviceException;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.device.PersistentDataException;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.store.MetadataRefusedException;
import io.pdata.thin.pool.ProbedDevice.Kind;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a pool does when a device fails, or is not what it was. */
@Timeout(60)
class PoolFailuresTest extends PoolOnTheBench {

    @Test
    void afterAFailedFlushOfDataNothingIsCommittedAndNoFlushSucceeds() {
        format(20);
        Volume volume = create(0, 10);
        Volume other = create(1, 10);
        fill(volume, 0, 1, 1);
        data.breakWhere(kind -> kind == Kind.FLUSH);
        assertThatThrownBy(volume::flush).isInstanceOf(DeviceException.class).hasMessageContaining("data: FLUSH");
        data.repair();
        assertThatThrownBy(volume::flush).isInstanceOf(DeviceException.class);
        assertThatThrownBy(other::flush).isInstanceOf(DeviceException.class).hasMessageContaining("failed before");
        assertThat(modes).containsExactly(PoolMode.READ_ONLY);
        assertThat(mapped(0)).isZero();
    }

    @Test
    void aFailedFlushOfDataAloneIsNotForgotten() {
        format(20);
        Volume volume = create(0, 10);
        fill(volume, 0, 1, 1);
        volume.flush();
        fill(volume, 0, 1, 2);
        data.breakWhere(kind -> kind == Kind.FLUSH);
        assertThatThrownBy(volume::flush).isInstanceOf(DeviceException.class);
        data.repair();
        assertThatThrownBy(volume::flush).isInstanceOf(DeviceException.class);
        assertThat(pool.status().mode()).isEqualTo(PoolMode.READ_ONLY);
        assertThatThrownBy(() -> fill(volume, 1, 1, 3)).isInstanceOf(ReadOnlyException.class);
    }

    @Test
    void whoeverLostChangesIsToldByEveryFlushAndNobodyElse() {
        format(20);
        Volume loser = create(0, 10);
        Volume bystander = create(1, 10);
        fill(bystander, 0, 1, 1);
        bystander.flush();
        fill(loser, 0, 1, 2);
        metadata.breakWhere(kind -> kind == Kind.WRITE);
        assertThatThrownBy(bystander::flush).isInstanceOf(DeviceException.class);
        metadata.repair();
        assertThatThrownBy(loser::flush).isInstanceOf(DeviceException.class).hasMessageContaining("lost");
        loser.close();
        assertThatThrownBy(volume(0, 10)::flush).isInstanceOf(DeviceException.class).hasMessageContaining("lost");
        fill(bystander, 0, 1, 3);
        bystander.flush();
        holds(bystander, 0, 1, 3);
        assertThat(pool.status().mode()).isIn(PoolMode.READ_ONLY, PoolMode.FAIL);
    }

    @Test
    void aVolumeThatCouldNotBecomeSmallerHasItsSize() {
        format(20);
        Volume volume = create(0, 10);
        fill(volume, 0, 10, 1);
        metadata.breakWhere(kind -> kind == Kind.WRITE);
        assertThatThrownBy(volume::flush).isInstanceOf(DeviceException.class);
        metadata.repair();
        long size = volume.size();
        assertThatThrownBy(() -> volume.resize(size / 2, false)).isInstanceOf(PersistentDataException.class);
        assertThat(volume.size()).isEqualTo(size);
    }

    @Test
    void whatTheLogDoesNotTakeIsCommittedAtOnce() {
        format(20);
        Volume volume = create(0, 10);
        log.breakWhere(kind -> kind == Kind.WRITE);
        fill(volume, 0, 2, 1);
        discard(volume, 1, 1);
        assertThat(complaints).hasSize(3);
        killAndOpen();
        assertThat(recovered).isZero();
        holds(volume(0, 10), 0, 1, 1);
        holds(volume(0, 10), 1, 1, 0);
    }

    @Test
    void aLogThatCouldNotBeBegunIsNotReliedOn() {
        format(20);
        Volume volume = create(0, 10);
        fill(volume, 0, 1, 1);
        log.breakWhere(kind -> kind == Kind.WRITE);
        volume.flush();
        log.repair();
        fill(volume, 1, 1, 2);
        killAndOpen();
        assertThat(recovered).isEqualTo(1);
        holds(volume(0, 10), 0, 1, 1);
        holds(volume(0, 10), 1, 1, 2);
    }

    @Test
    void aBlockThatCouldNotBeFilledIsFreeAgain() {
        format(20);
        Volume volume = create(0, 10);
        data.breakWhere(kind -> kind == Kind.WRITE);
        assertThatThrownBy(() -> fill(volume, 0, 1, 1)).isInstanceOf(DeviceException.class);
        data.repair();
        volume.flush();
        assertThat(used()).isZero();
        assertThat(pool.status().mode()).isEqualTo(PoolMode.WRITE);
    }

    @Test
    void storageThatIsNotTakenBackDoesNoHarm() {
        format(20);
        Volume volume = create(0, 10);
        fill(volume, 0, 1, 1);
        volume.flush();
        data.breakWhere(kind -> kind == Kind.DISCARD);
        discard(volume, 0, 1);
        volume.flush();
        assertThat(complaints).hasSize(1);
        assertThat(used()).isZero();
    }

    @Test
    void aSmallerDataDeviceIsRefused() {
        format(20);
        pool.close();
        data.reopen().resize(19L * BLOCK, false);
        assertThatThrownBy(() -> open(options())).isInstanceOf(MetadataRefusedException.class)
                .hasMessageContaining("data cannot be");
        data.reopen().resize(20L * BLOCK, false);
        open(options());
    }

    @Test
    void changesThatAreWaitingInALogForbidToOpenForReadingOnly() {
        format(20);
        fill(create(0, 10), 0, 1, 1);
        MemoryDevice[] left = new MemoryDevice[]{metadata.copy(), data.copy(), log.copy()};
        pool.close();
        metadata.become(left[0]);
        data.become(left[1]);
        log.become(left[2]);
        assertThatThrownBy(() -> open(options().withReadOnly(true))).isInstanceOf(MetadataRefusedException.class)
                .hasMessageContaining("1 changes");
        open(options());
        assertThat(recovered).isEqualTo(1);
        reopen(options().withReadOnly(true));
        holds(volume(0, 10), 0, 1, 1);
    }

    @Test
    void aLogThatIsTooShortIsMadeLonger() {
        format(20);
        pool.close();
        log.reopen().resize(0, false);
        open(options());
        fill(create(0, 10), 0, 1, 1);
        killAndOpen();
        holds(volume(0, 10), 0, 1, 1);
    }

    @Test
    void closingEndsTheWaitForSpace() throws InterruptedException {
        format(1, options().withErrorIfNoSpace(false).withNoSpaceTimeout(Duration.ZERO));
        Volume volume = create(0, 10);
        AtomicReference<Throwable> outcome = new AtomicReference<>();
        CountDownLatch full = new CountDownLatch(1);
        data.onWrite(full::countDown);
        Thread writer = Thread.ofPlatform().start(() -> {
            try {
                fill(volume, 0, 2, 1);
            } catch (RuntimeException e) {
                outcome.set(e);
            }
        });
        full.await();
        while (pool.status().mode() != PoolMode.OUT_OF_DATA_SPACE) {
            Thread.onSpinWait();
        }
        pool.close();
        writer.join();
        assertThat(outcome.get()).isNotNull();
    }

    @Test
    void aVolumeOfAClosedPoolIsRefusedNotWaitedFor() {
        format(20);
        Volume volume = create(0, 10);
        pool.close();
        assertThatThrownBy(() -> fill(volume, 0, 1, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> block(volume, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(volume::flush).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool.createSnapshot(1, 0)).isInstanceOf(IllegalStateException.class);
        volume.close();
    }

    @Test
    void requestsThatEndInAnyErrorLeaveNothingBehind() {
        format(20);
        assertThatThrownBy(() -> pool.request(Set.of(), requests -> {
            requests.createThin(7);
            throw new IllegalArgumentException("of the caller's");
        })).isInstanceOf(IllegalArgumentException.class);
        pool.createVolume(8);
        reopen();
        assertThatThrownBy(() -> pool.details(7)).hasMessageContaining("no volume 7");
        pool.details(8);
    }

    @Test
    void whatGrowsBackReadsAsZeroes() {
        format(20);
        Volume volume = create(0, 4);
        fill(volume, 0, 4, 1);
        Volume snapshot = snapshot(1, 0, 4);
        volume.resize(BLOCK + 4096, false);
        volume.resize(4L * BLOCK, false);
        assertThat(read(volume, 0, BLOCK + 4096)).isEqualTo(1);
        assertThat(read(volume, BLOCK + 4096, 3 * BLOCK - 4096)).isZero();
        holds(snapshot, 0, 4, 1);
    }

    @Test
    void whatABlockHeldForOthersDoesNotShow() {
        format(2, options().withDiscards(true, false));
        fill(create(0, 2), 0, 2, 7);
        closeVolumes();
        pool.deleteVolume(0);
        assertThat(read(data, 0, 2 * BLOCK)).as("what the data device still has").isEqualTo(7);
        Volume volume = create(1, 2);
        write(volume, 4096, 512, 1);
        assertThat(read(volume, 0, 4096)).isZero();
        assertThat(read(volume, 4096 + 512, BLOCK - 4096 - 512)).isZero();
        write(volume, BLOCK, 512, 1);
        assertThat(read(volume, BLOCK + 512, BLOCK - 512)).isZero();
    }

    @Test
    void whatWasZeroedStaysZeroWithoutZeroingOfNewBlocks() {
        format(4, options().withZeroing(false));
        Volume old = create(0, 4);
        fill(old, 0, 4, 7);
        old.close();
        pool.deleteVolume(0); // the memory device gives zeroes back for what it took back
        for (int block = 0; block < 4; block++) {
            write(data, block * BLOCK, BLOCK, 7);
        }
        Volume volume = create(1, 2);
        volume.zero(512, 2 * BLOCK - 1024);
        write(volume, 4096, 512, 1);
        assertThat(read(volume, 512, 4096 - 512)).isZero();
        assertThat(read(volume, 4096 + 512, 2 * BLOCK - 4096 - 1024)).isZero();
        assertThat(read(volume, 0, 512)).as("never written or zeroed: what was there").isEqualTo(7);
    }
}

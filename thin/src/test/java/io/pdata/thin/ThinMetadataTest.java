package io.pdata.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.store.OpenOptions;
import io.pdata.testkit.Golden;
import io.pdata.thin.ThinRequestException.Reason;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ThinMetadataTest extends PoolFixture {
    // ---- formatting ----

    @Test
    void aFreshPoolIsByteForByteTheKernels() {
        format(1024, 40960);
        byte[] content = new byte[(int) device.size()];
        device.read(0, MemorySegment.ofArray(content));
        assertThat(content).isEqualTo(Golden.image("thin-fresh"));
    }

    @Test
    void theReserveIsNotReportedAsFree() {
        format(512, 64);
        pool.createThin(0);
        pool.commit();
        // The kernel's status line says 61/512 for such a pool: 10 in use and 51 in reserve.
        assertThat(pool.space().metadataBlocks() - pool.space().freeMetadataBlocks()).isEqualTo(61);
        assertThat(pool.space().metadataLowWater()).isEqualTo(46);
    }

    // ---- devices ----

    @Test
    void aDeviceCannotBeCreatedTwiceNotEvenInOneTransaction() {
        format(1024, 100);
        pool.createThin(3);
        assertRefused(Reason.DEVICE_EXISTS, () -> pool.createThin(3));
        assertRefused(Reason.DEVICE_EXISTS, () -> pool.createSnapshot(3, 3));
        pool.commit();
        assertRefused(Reason.DEVICE_EXISTS, () -> pool.createThin(3));
    }

    @Test
    void deviceIdsHave24Bits() {
        format(1024, 100);
        pool.createThin(16777215);
        assertRefused(Reason.INVALID, () -> pool.createThin(16777216));
        assertRefused(Reason.INVALID, () -> pool.createThin(-1));
    }

    @Test
    void whatIsCreatedAndDeletedInOneTransactionLeavesNothingBehind() {
        // Its details are not in the tree yet; removing them blindly would spoil the tree or the counts.
        format(1024, 100);
        pool.createThin(1);
        pool.commit();
        pool.createThin(2);
        write(pool.openDevice(1), 0);
        pool.delete(2);
        pool.commit();
        assertThat(pool.details(2)).isEmpty();
        Recount.verify(device);
    }

    @Test
    void anUnknownDeviceIsNeitherOpenedNorDeletedNorSnapshotted() {
        format(1024, 100);
        assertRefused(Reason.UNKNOWN_DEVICE, () -> pool.openDevice(1));
        assertRefused(Reason.UNKNOWN_DEVICE, () -> pool.delete(1));
        assertRefused(Reason.UNKNOWN_DEVICE, () -> pool.createSnapshot(2, 1));
        assertThat(pool.changed()).isFalse();
    }

    @Test
    void anOpenDeviceIsNotDeleted() {
        format(1024, 100);
        pool.createThin(1);
        ThinDevice thin = pool.openDevice(1);
        assertThat(pool.openDevice(1)).isSameAs(thin);
        pool.closeDevice(thin);
        assertRefused(Reason.BUSY, () -> pool.delete(1));
        pool.closeDevice(thin);
        pool.delete(1);
        assertThat(pool.details(1)).isEmpty();
    }

    @Test
    void deletingADeviceFreesWhatOnlyItHas() {
        format(1024, 100);
        pool.createThin(1);
        ThinDevice thin = pool.openDevice(1);
        write(thin, 0);
        write(thin, 1);
        pool.createSnapshot(2, 1);
        pool.insert(thin, 1, pool.allocateDataBlock());
        pool.closeDevice(thin);
        pool.commit();
        assertThat(pool.space().freeDataBlocks()).isEqualTo(97);
        pool.delete(2);
        pool.commit();
        assertThat(pool.space().freeDataBlocks()).isEqualTo(98);
        pool.delete(1);
        pool.commit();
        assertThat(pool.space().freeDataBlocks()).isEqualTo(100);
        Recount.verify(device);
    }

    // ---- sharing ----

    @Test
    void sharingIsToldFromTheTimesAsTheFormatSays() {
        format(1024, 100);
        pool.createThin(0);
        ThinDevice origin = pool.openDevice(0);
        long first = write(origin, 7);
        assertThat(origin.mayShare(BlockTime.time(pool.lookup(origin, 7)))).isFalse();
        pool.createSnapshot(1, 0);
        ThinDevice snapshot = pool.openDevice(1);
        assertThat(origin.details()).isEqualTo(new DeviceDetails(1, 0, 0, 1));
        assertThat(snapshot.details()).isEqualTo(new DeviceDetails(1, 0, 1, 1));
        assertThat(origin.mayShare(BlockTime.time(pool.lookup(origin, 7)))).isTrue();
        write(origin, 7);
        assertThat(origin.mayShare(BlockTime.time(pool.lookup(origin, 7)))).isFalse();
        // Conservative: nobody shares the old block any more, but the snapshot cannot know.
        assertThat(snapshot.mayShare(BlockTime.time(pool.lookup(snapshot, 7)))).isTrue();
        assertThat(pool.space().isDataBlockShared(first)).isFalse();
        assertThat(BlockTime.block(pool.lookup(snapshot, 7))).isEqualTo(first);
    }

    @Test
    void noSnapshotIsTakenWhenTheClockHasComeToItsEnd() {
        // One more would run into the block numbers of the mappings.
        format(1024, 100);
        pool.createThin(0);
        pool.commit();
        pool.close();
        amend(ThinSuperblockLayout.TIME, 16777214);
        reopen();
        pool.createSnapshot(1, 0);
        assertRefused(Reason.INVALID, () -> pool.createSnapshot(2, 0));
        ThinDevice snapshot = pool.openDevice(1);
        long block = write(snapshot, 5);
        assertThat(BlockTime.block(pool.lookup(snapshot, 5))).isEqualTo(block);
    }

    // ---- mappings ----

    @Test
    void aRangeEndsWhereBlocksOrSharingDo() {
        format(1024, 100);
        pool.createThin(0);
        ThinDevice thin = pool.openDevice(0);
        for (long block = 10; block < 16; block++) {
            write(thin, block);
        }
        write(thin, 20);
        pool.createSnapshot(1, 0);
        write(thin, 13);
        assertThat(pool.lookupRange(thin, 0, 100)).contains(new MappedRange(10, 0, 3, true));
        assertThat(pool.lookupRange(thin, 13, 100)).contains(new MappedRange(13, 7, 1, false));
        assertThat(pool.lookupRange(thin, 14, 15)).contains(new MappedRange(14, 4, 1, true));
        assertThat(pool.lookupRange(thin, 16, 100)).contains(new MappedRange(20, 6, 1, true));
        assertThat(pool.lookupRange(thin, 16, 20)).isEmpty();
        assertThat(pool.lookupRange(thin, 21, 100)).isEmpty();
        assertThat(pool.highestMappedBlock(thin)).hasValue(20);
    }

    @Test
    void removingARangeWithHolesCountsWhatWasThere() {
        format(1024, 2000);
        pool.createThin(0);
        ThinDevice thin = pool.openDevice(0);
        for (long block = 0; block < 1000; block++) {
            write(thin, 3 * block);
        }
        assertThat(pool.removeRange(thin, 300, 2400)).isEqualTo(700);
        assertThat(pool.removeRange(thin, 300, 2400)).isZero();
        assertThat(thin.mappedBlocks()).isEqualTo(300);
        assertThat(pool.lookup(thin, 297)).isNotEqualTo(BlockTime.UNMAPPED);
        assertThat(pool.lookup(thin, 300)).isEqualTo(BlockTime.UNMAPPED);
        assertThat(pool.lookup(thin, 2400)).isNotEqualTo(BlockTime.UNMAPPED);
        pool.commit();
        assertThat(pool.space().freeDataBlocks()).isEqualTo(1700);
        Recount.verify(device);
    }

    @Test
    void virtualBlocksAreUnsigned() {
        format(1024, 10);
        pool.createThin(0);
        ThinDevice thin = pool.openDevice(0);
        write(thin, -2);
        write(thin, 1);
        assertThat(pool.highestMappedBlock(thin)).hasValue(-2);
        assertThat(pool.removeRange(thin, 2, -1)).isOne();
        assertThat(pool.highestMappedBlock(thin)).hasValue(1);
    }

    @Test
    void aDeviceThatIsNotOpenIsNotUsed() {
        format(1024, 10);
        pool.createThin(0);
        ThinDevice thin = pool.openDevice(0);
        pool.closeDevice(thin);
        assertThatIllegalStateException().isThrownBy(() -> pool.lookup(thin, 0));
        assertThatIllegalStateException().isThrownBy(() -> pool.closeDevice(thin));
    }

    // ---- transactions ----

    @Test
    void aRollBackRestoresEverythingAndTellsTheDevicesThatLostChanges() {
        format(1024, 100);
        pool.createThin(0);
        pool.createThin(1);
        ThinDevice changed = pool.openDevice(0);
        ThinDevice untouched = pool.openDevice(1);
        write(changed, 5);
        pool.commit();
        write(changed, 6);
        pool.createSnapshot(2, 0);
        ThinDevice lost = pool.openDevice(2);
        pool.setTransactionId(0, 9);
        pool.space().resizeData(200);
        pool.abort();

        assertThat(changed.details()).isEqualTo(new DeviceDetails(1, 0, 0, 0));
        assertThat(changed.abortedWithChanges()).isTrue();
        assertThat(untouched.abortedWithChanges()).isFalse();
        assertThat(pool.lookup(changed, 6)).isEqualTo(BlockTime.UNMAPPED);
        assertThat(pool.details(2)).isEmpty();
        assertThatIllegalStateException().isThrownBy(() -> pool.lookup(lost, 5));
        assertThat(pool.transactionId()).isZero();
        assertThat(pool.space().dataBlocks()).isEqualTo(100);
        assertThat(pool.changed()).isFalse();
        write(changed, 6);
        pool.createThin(2);
        pool.commit();
        Recount.verify(device);
    }

    @Test
    void aCommitRunsTheStepBeforeItOnlyIfThereIsSomethingToCommit() {
        format(1024, 100);
        AtomicInteger steps = new AtomicInteger();
        pool.beforeCommit(steps::incrementAndGet);
        pool.commit();
        assertThat(steps).hasValue(0);
        pool.createThin(0);
        pool.commit();
        pool.commit();
        assertThat(steps).hasValue(1);
    }

    @Test
    void theTransactionIdChangesOnlyFromWhatTheCallerTakesItFor() {
        format(1024, 100);
        pool.setTransactionId(0, 42);
        assertRefused(Reason.INVALID, () -> pool.setTransactionId(0, 43));
        pool.commit();
        assertThat(reopen().transactionId()).isEqualTo(42);
    }

    // ---- metadata snapshot ----

    @Test
    void aMetadataSnapshotKeepsTheStateOfItsReservation() {
        format(1024, 100);
        assertRefused(Reason.INVALID, pool::releaseMetadataSnapshot);
        assertRefused(Reason.INVALID, pool::openMetadataSnapshotView);
        pool.createThin(0);
        ThinDevice thin = pool.openDevice(0);
        long block = write(thin, 3);
        pool.reserveMetadataSnapshot();
        assertRefused(Reason.BUSY, pool::reserveMetadataSnapshot);
        pool.commit();
        write(thin, 3);
        pool.createThin(1);
        pool.commit();
        Recount.verify(device);
        try (ThinView held = pool.openMetadataSnapshotView()) {
            assertThat(BlockTime.block(held.lookup(0, 3))).isEqualTo(block);
            assertThat(held.details(1)).isEmpty();
            assertThat(held.superblock().dataSpaceMap().blocks()).isZero();
        }
        reopen();
        pool.releaseMetadataSnapshot();
        pool.commit();
        assertThat(pool.heldRoot()).isZero();
        assertThat(pool.space().freeDataBlocks()).isEqualTo(99);
        Recount.verify(device);
    }

    @Test
    void aMetadataSnapshotIsOnDiskWithTheCommitAfterItNotBefore() {
        // The kernel marks the superblock at once; were it written early, a crash would leave a pointer to nothing.
        format(1024, 100);
        pool.createThin(0);
        pool.reserveMetadataSnapshot();
        assertThat(pool.heldRoot()).isNotZero();
        try (ThinMetadata crashed = ThinMetadata.open(device.copy(), OpenOptions.readOnly())) {
            assertThat(crashed.heldRoot()).isZero();
            assertThat(crashed.details(0)).isPresent();
        }
        pool.abort();
        assertThat(pool.heldRoot()).isZero();
        pool.reserveMetadataSnapshot();
        pool.commit();
        Recount.verify(device);
    }

    // ---- views ----

    @Test
    void aViewShowsTheLastCommitWhateverComesAfter() {
        format(1024, 100);
        pool.createThin(0);
        ThinDevice thin = pool.openDevice(0);
        long block = write(thin, 3);
        pool.commit();
        write(thin, 4);
        try (ThinView view = pool.openView()) {
            pool.createThin(1);
            pool.commit();
            pool.removeRange(thin, 0, 10);
            for (int i = 0; i < 50; i++) {
                write(thin, i);
                pool.commit();
            }
            assertThat(BlockTime.block(view.lookup(0, 3))).isEqualTo(block);
            assertThat(view.lookup(0, 4)).isEqualTo(BlockTime.UNMAPPED);
            assertThat(view.details(0)).contains(new DeviceDetails(1, 0, 0, 0));
            List<Long> ids = new ArrayList<>();
            view.forEachDevice((id, details) -> ids.add(id));
            assertThat(ids).containsExactly(0L);
            assertRefused(Reason.UNKNOWN_DEVICE, () -> view.lookup(1, 0));
        }
        try (ThinView view = pool.openView()) {
            assertThat(view.details(0)).contains(new DeviceDetails(50, 0, 0, 0));
        }
    }

    // ---- needs check ----

    @Test
    void needsCheckIsDurableAndForbidsChanges() {
        format(1024, 100);
        pool.createThin(0);
        assertThatIllegalStateException().isThrownBy(pool::setNeedsCheck);
        pool.commit();
        pool.setNeedsCheck();
        assertThat(pool.writable()).isFalse();
        assertThatThrownBy(() -> pool.createThin(1)).isInstanceOf(ReadOnlyException.class)
                .hasMessageContaining("checked first");
        assertThatThrownBy(() -> pool.space().resizeData(200)).isInstanceOf(ReadOnlyException.class);
        assertThat(pool.openDevice(0).mappedBlocks()).isZero();
        pool.close();
        try (ThinMetadata again = ThinMetadata.open(device.reopen(), OpenOptions.readOnly())) {
            assertThat(again.needsCheck()).isTrue();
            assertThat(again.details(0)).isPresent();
        }
    }

    private void amend(int offset, int value) {
        MemorySegment block = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        device.reopen().read(0, block);
        block.set(Bytes.U32, offset, value);
        ThinSuperblockLayout.VALIDATOR.prepare(block, 0);
        device.write(0, block);
    }
}

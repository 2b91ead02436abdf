package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.thin.Recount;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.ThinView;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The cases of the device-mapper test suites about metadata snapshots and transaction ids, under their own names. */
class DmMetadataSnapshotTest extends PoolOnTheBench {
    private static final int BLOCKS = 10;

    private void refused(ThrowingCallable request, Reason reason) {
        assertThatThrownBy(request).isInstanceOfSatisfying(ThinRequestException.class,
                e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void holdReleaseCycleEmptyPool() {
        format(10);
        for (int i = 0; i < 5; i++) {
            pool.reserveMetadataSnapshot();
            assertThat(pool.status().heldRoot()).isNotZero();
            pool.releaseMetadataSnapshot();
            assertThat(pool.status().heldRoot()).isZero();
        }
    }

    @Test
    void cannotHoldTwice() {
        format(10);
        pool.reserveMetadataSnapshot();
        refused(pool::reserveMetadataSnapshot, Reason.BUSY);
        assertThat(pool.status().heldRoot()).isNotZero();
    }

    @Test
    void cannotReleaseTwice() {
        format(10);
        pool.reserveMetadataSnapshot();
        pool.releaseMetadataSnapshot();
        refused(pool::releaseMetadataSnapshot, Reason.INVALID);
    }

    @Test
    void noInitialHold() {
        format(10);
        assertThat(pool.status().heldRoot()).isZero();
        refused(pool::releaseMetadataSnapshot, Reason.INVALID);
    }

    private List<String> heldMappings() {
        List<String> mappings = new ArrayList<>();
        try (ThinView held = pool.metadata().metadata().openMetadataSnapshotView()) {
            held.forEachDevice((id, _) -> {
                held.forEachMapping(id, (virtual, block, time) -> mappings.add(id + " " + virtual + " " + block + " "
                        + time));
                return true;
            });
        }
        return mappings;
    }

    @Test
    void heldDump() {
        format(50);
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, BLOCKS, 1);
        pool.reserveMetadataSnapshot();
        List<String> before = heldMappings();
        assertThat(before).hasSize(BLOCKS);
        pool.createSnapshot(1, 0);
        fill(volume, 0, BLOCKS, 2);
        discard(volume, 0, 3);
        volume.flush();
        assertThat(heldMappings()).isEqualTo(before);
        assertThat(used()).as("what the snapshot holds is not given free").isEqualTo(2 * BLOCKS - 3);
    }

    @Test
    void metadataSnapCycle() {
        format(100);
        Volume volume = create(0, BLOCKS);
        for (int i = 1; i <= 20; i++) {
            fill(volume, 0, BLOCKS, i);
            pool.reserveMetadataSnapshot();
            fill(volume, 0, BLOCKS, 100 + i);
            discard(volume, i % BLOCKS, 1);
            pool.releaseMetadataSnapshot();
        }
        volume.flush();
        assertThat(used()).isEqualTo(mapped(0));
    }

    @Test
    void thinCheckPassesWithAHeldRoot() {
        format(100);
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, BLOCKS, 1);
        pool.reserveMetadataSnapshot();
        Recount.verify(metadata);
        fill(volume, 0, BLOCKS, 2);
        pool.createSnapshot(1, 0);
        fill(volume, 0, BLOCKS, 3);
        volume.flush();
        Recount.verify(metadata);
        killAndOpen();
        Recount.verify(metadata);
    }

    @Test
    void initialTransIdIsZero() {
        format(10);
        assertThat(pool.status().transactionId()).isZero();
    }

    @Test
    void setTransIdWorks() {
        format(10);
        pool.setTransactionId(0, 1234);
        assertThat(pool.status().transactionId()).isEqualTo(1234);
        reopen();
        assertThat(pool.status().transactionId()).isEqualTo(1234);
    }

    @Test
    void setTransIdCheckFirstArg() {
        format(10);
        pool.setTransactionId(0, 5);
        refused(() -> pool.setTransactionId(0, 6), Reason.INVALID);
        assertThat(pool.status().transactionId()).isEqualTo(5);
    }
}

package io.pdata.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.space.NoSpaceException;
import io.pdata.thin.ThinRequestException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Sizes, free counts, growth, and what happens when there is no more. */
class ThinSpaceTest extends PoolFixture {
    @Test
    void runningOutOfDataBlocksLeavesTheTransactionUsable() {
        format(1024, 3);
        pool.createThin(0);
        ThinDevice thin = pool.openDevice(0);
        List<Long> blocks = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            blocks.add(write(thin, i));
        }
        assertThatThrownBy(pool::allocateDataBlock).isInstanceOf(NoSpaceException.class)
                .hasMessageContaining("data space map");
        pool.commit();
        pool.removeRange(thin, 1, 2);
        // Free, but the last commit may still need it.
        assertThatThrownBy(pool::allocateDataBlock).isInstanceOfSatisfying(NoSpaceException.class,
                e -> assertThat(e.free()).isOne());
        pool.commit();
        assertThat(pool.allocateDataBlock()).isEqualTo(blocks.get(1));
    }

    @Test
    void runningOutOfMetadataInTheMiddleOfAChangeRefusesAllButARollBack() {
        format(32, 1000);
        pool.createThin(0);
        ThinDevice thin = pool.openDevice(0);
        write(thin, 0);
        pool.commit();
        assertThatThrownBy(() -> {
            for (long i = 1;; i++) {
                pool.createThin(i);
            }
        }).isInstanceOf(NoSpaceException.class).hasMessageContaining("metadata space map");
        assertThatIllegalStateException().isThrownBy(pool::commit);
        assertThatIllegalStateException().isThrownBy(() -> pool.createThin(999));
        assertThatIllegalStateException().isThrownBy(() -> pool.lookup(thin, 0));
        pool.abort();
        assertThat(pool.lookup(thin, 0)).isEqualTo(BlockTime.pack(0, 0));
        write(thin, 1);
        pool.commit();
        Recount.verify(device);
    }

    @Test
    void anAllocationThatUsesUpTheMetadataCommitsBeforeTheMappingIsInserted() {
        format(40, 1000);
        AtomicInteger commits = new AtomicInteger();
        pool.createThin(0);
        ThinDevice thin = pool.openDevice(0);
        pool.commit();
        pool.beforeCommit(commits::incrementAndGet);
        for (long id = 1; pool.space().freeMetadataBlocks() > 1; id++) {
            pool.createThin(id);
        }
        assertThat(commits).hasValue(0);
        pool.allocateDataBlock();
        assertThat(commits).hasValue(1);
        assertThat(thin.mappedBlocks()).isZero();
        assertThat(pool.changed()).isFalse();
    }

    @Test
    void theLowMetadataCallbackComesOnce() {
        format(100, 1000);
        AtomicInteger calls = new AtomicInteger();
        pool.space().onMetadataLow(calls::incrementAndGet);
        for (long id = 0; id < 60; id++) {
            pool.createThin(id);
        }
        assertThat(calls).hasValue(0);
        for (long id = 60; id < 75; id++) {
            pool.createThin(id);
        }
        assertThat(calls).hasValue(1);
    }

    @Test
    void dataAndMetadataOnlyGrow() {
        format(100, 1000);
        assertRefused(Reason.INVALID, () -> pool.space().resizeData(999));
        assertRefused(Reason.INVALID, () -> pool.space().resizeMetadata(99));
        assertRefused(Reason.INVALID, () -> pool.space().resizeMetadata(101));
        device.resize(20000L * Bytes.BLOCK_SIZE, false);
        pool.space().resizeMetadata(20000);
        pool.space().resizeData(1001);
        pool.commit();
        reopen();
        assertThat(pool.space().metadataBlocks()).isEqualTo(20000);
        assertThat(pool.space().dataBlocks()).isEqualTo(1001);
        Recount.verify(device);
    }

    @Test
    void aRangeHeldWhileItIsWorkedOnIsNotAllocated() {
        format(1024, 2);
        pool.createThin(0);
        ThinDevice thin = pool.openDevice(0);
        long block = write(thin, 0);
        pool.allocateDataBlock();
        pool.commit();
        pool.removeRange(thin, 0, 1);
        pool.space().incDataBlocks(block, block + 1);
        pool.commit();
        assertThatThrownBy(pool::allocateDataBlock).isInstanceOf(NoSpaceException.class);
        pool.space().decDataBlocks(block, block + 1);
        pool.commit();
        assertThat(pool.allocateDataBlock()).isEqualTo(block);
    }
}

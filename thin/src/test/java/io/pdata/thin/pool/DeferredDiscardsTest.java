package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.DeviceFullException;
import io.pdata.core.device.MemoryDevice;
import io.pdata.thin.pool.ProbedDevice.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How freed storage goes back to the data device: in pieces, beside everything else, and never from under a new owner. */
@Timeout(60)
class DeferredDiscardsTest extends PoolOnTheBench {
    private static final long PIECE = 64L << 20;

    private final CountDownLatch discarding = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);

    private static PoolOptions inBackground() {
        return options().withCommitPeriod(Duration.ofMillis(10));
    }

    /** Creates a volume with a number of written blocks. */
    private Volume filled(long id, int blocks) {
        Volume volume = create(id, blocks);
        for (int i = 0; i < blocks; i++) {
            volume.write((long) i * BLOCK, MemorySegment.ofArray(new byte[]{1}));
        }
        volume.flush();
        return volume;
    }

    private void holdUpDiscards() {
        data.breakWhere(kind -> {
            if (kind == Kind.DISCARD) {
                discarding.countDown();
                await(mayEnd);
            }
            return false;
        });
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void storageGoesBackInPieces() {
        format(3000);
        filled(1, 2500).close();
        data.takeDiscards();
        pool.deleteVolume(1);
        var discards = data.takeDiscards();
        assertThat(discards).allSatisfy(range -> assertThat(range.length()).isLessThanOrEqualTo(PIECE));
        assertThat(discards.stream().mapToLong(ProbedDevice.Range::length).sum()).isEqualTo(2500L * BLOCK);
    }

    @Test
    void everythingElseIsDoneMeanwhile() {
        format(100, inBackground());
        filled(1, 10).close();
        Volume other = create(2, 10);
        holdUpDiscards();
        pool.deleteVolume(1);
        await(discarding);
        other.write(0, MemorySegment.ofArray(new byte[]{7}));
        other.flush();
        pool.createSnapshot(3, 2);
        assertThat(pool.status().usedDataBlocks()).isEqualTo(1);
        mayEnd.countDown();
        pool.discardFreed();
        assertThat(data.takeDiscards()).hasSize(1);
    }

    @Test
    void aBlockThatIsBeingDiscardedIsNotWrittenBefore() throws Exception {
        format(4, inBackground());
        filled(1, 4).close();
        Volume next = create(2, 4);
        holdUpDiscards();
        pool.deleteVolume(1);
        await(discarding);
        CompletableFuture<Void> write = CompletableFuture
                .runAsync(() -> next.write(0, MemorySegment.ofArray(new byte[]{9})));
        assertWaits(write);
        mayEnd.countDown();
        write.get(30, TimeUnit.SECONDS);
        pool.discardFreed();
        assertThat(firstByte(next)).isEqualTo((byte) 9);
    }

    private static void assertWaits(CompletableFuture<Void> work) throws InterruptedException, ExecutionException {
        try {
            work.get(200, TimeUnit.MILLISECONDS);
            throw new AssertionError("it did not wait for the discard");
        } catch (TimeoutException e) {
            return; // as it should
        }
    }

    private static byte firstByte(Volume volume) {
        MemorySegment target = MemorySegment.ofArray(new byte[1]);
        volume.read(0, target);
        return target.get(ValueLayout.JAVA_BYTE, 0);
    }

    @Test
    void aBlockThatIsUsedAgainIsNotDiscarded() {
        MemoryDevice device = new MemoryDevice("data", 100 * BLOCK);
        try (Arena arena = Arena.ofConfined();
                DeferredDiscards discards = new DeferredDiscards(device, BLOCK, PoolEvents.NONE, false)) {
            MemorySegment ones = arena.allocate(BLOCK).fill((byte) 1);
            for (long block = 0; block < 100; block++) {
                device.write(block * BLOCK, ones);
            }
            for (long block = 10; block < 20; block++) {
                discards.freed(block);
            }
            discards.committed();
            discards.reuse(10);
            discards.reuse(14);
            discards.reuse(19);
            discards.reuse(30);
            discards.run();
            for (long block = 0; block < 100; block++) {
                MemorySegment first = MemorySegment.ofArray(new byte[1]);
                device.read(block * BLOCK, first);
                boolean gone = block > 10 && block < 19 && block != 14;
                assertThat(first.toArray(ValueLayout.JAVA_BYTE)[0]).as("block %d", block)
                        .isEqualTo((byte) (gone ? 0 : 1));
            }
        }
    }

    @Test
    void nothingIsDiscardedOfACommitThatFailed() {
        MemoryDevice device = new MemoryDevice("data", 10 * BLOCK);
        try (DeferredDiscards discards = new DeferredDiscards(device, BLOCK, PoolEvents.NONE, false)) {
            discards.freed(3);
            discards.forget();
            discards.committed();
            assertThat(discards.run()).isFalse();
        }
    }

    @Test
    void aWriteThatFindsTheFileSystemFullTakesWhatIsPending() {
        AtomicBoolean full = new AtomicBoolean(true);
        ProbedDevice device = new ProbedDevice("data", BLOCK);
        device.onWrite(() -> {
            if (full.get()) {
                throw new DeviceFullException("full", null);
            }
        });
        try (ReclaimingDevice data = new ReclaimingDevice(device, () -> full.getAndSet(false))) {
            data.write(0, MemorySegment.ofArray(new byte[1]));
            assertThat(device.count(Kind.WRITE)).isOne();
        }
    }
}

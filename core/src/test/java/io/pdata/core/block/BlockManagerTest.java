package io.pdata.core.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.DeviceException;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.device.ReadOnlyException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BlockManagerTest {
    private static final int BLOCKS = 1000;
    private static final long PAYLOAD = 64;
    private static final long SMALLEST_CACHE = 64 * 4096;

    /** Counts how often it is asked, so that "once per load" can be seen. */
    private static final class CountingValidator extends BlockValidator {
        int checks;

        CountingValidator(String type, int xor) {
            super(type, xor, 8);
        }

        @Override
        protected void checkHeader(MemorySegment block, long number) {
            checks++;
        }
    }

    private final CountingValidator apple = new CountingValidator("apple", 1);
    private final CountingValidator pear = new CountingValidator("pear", 2);
    private final RecordingDevice device = new RecordingDevice(BLOCKS);
    private BlockManager blocks = new BlockManager(device, SMALLEST_CACHE);

    @AfterEach
    void close() {
        blocks.close();
    }

    private void put(long number, long value) {
        try (Block block = blocks.writeLockZero(number, apple)) {
            block.data().set(Bytes.U64, PAYLOAD, value);
        }
    }

    private long get(long number) {
        try (Block block = blocks.readLock(number, apple)) {
            return block.data().get(Bytes.U64, PAYLOAD);
        }
    }

    private void reopen() {
        blocks.close();
        device.memory.reopen();
        blocks = new BlockManager(device, SMALLEST_CACHE);
    }

    @Test
    void flushedBlocksAreFoundAgain() {
        put(3, 33);
        put(7, 77);
        blocks.flush();
        reopen();
        assertThat(get(3)).isEqualTo(33);
        assertThat(get(7)).isEqualTo(77);
    }

    @Test
    void aValidatorRunsOncePerLoad() {
        put(3, 33);
        blocks.flush();
        reopen();
        int before = apple.checks;
        get(3);
        get(3);
        blocks.writeLock(3, apple).close();
        assertThat(apple.checks - before).isEqualTo(1);
        assertThat(blocks.stats().blocksRead()).isEqualTo(1);
    }

    @Test
    void aBlockIsNotTwoTypesAtOnce() {
        put(3, 33);
        blocks.flush();
        assertThatThrownBy(() -> blocks.readLock(3, pear)).isInstanceOf(CorruptionException.class)
                .hasMessageContaining("block 3 (pear)").hasMessageContaining("apple");
        reopen();
        assertThatThrownBy(() -> blocks.readLock(3, pear)).isInstanceOf(CorruptionException.class)
                .hasMessageContaining("bad checksum");
        assertThat(get(3)).as("a failed lock leaves nothing behind").isEqualTo(33);
    }

    @Test
    void aMisplacedBlockIsRefused() {
        put(3, 33);
        blocks.flush();
        byte[] bytes = new byte[4096];
        device.read(3 * 4096, MemorySegment.ofArray(bytes));
        device.write(5 * 4096, MemorySegment.ofArray(bytes));
        assertThatThrownBy(() -> get(5)).isInstanceOf(CorruptionException.class).hasMessageContaining("block 5")
                .hasMessageContaining("says it is block 3");
    }

    @Test
    void aBlockThatDoesNotExistIsCorruption() {
        for (long number : new long[]{-1, BLOCKS, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32}) {
            assertThatThrownBy(() -> blocks.readLock(number, apple)).isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("beyond");
            assertThat(blocks.cached(number)).isNull();
        }
    }

    @Test
    void wantingABlockThatOneHasLockedIsAnErrorAndNotADeadlock() {
        try (Block block = blocks.writeLockZero(3, apple)) {
            assertThatThrownBy(() -> blocks.readLock(block.number(), apple)).isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("cycle");
            assertThatThrownBy(() -> blocks.writeLock(3, apple)).isInstanceOf(CorruptionException.class);
        }
    }

    @Test
    void moreDirtyBlocksThanTheCacheHoldsAreWrittenBackOnTheWay() {
        for (int i = 1; i < BLOCKS; i++) {
            put(i, i * 3L);
        }
        assertThat(blocks.stats().writeBacks()).isPositive();
        for (int i = 1; i < BLOCKS; i++) {
            assertThat(get(i)).isEqualTo(i * 3L);
        }
        blocks.flush();
        reopen();
        for (int i = 1; i < BLOCKS; i++) {
            assertThat(get(i)).isEqualTo(i * 3L);
        }
    }

    @Test
    void theSuperblockIsWrittenByFlushOnly() {
        put(0, 1);
        for (int i = 1; i < BLOCKS; i++) {
            put(i, i);
        }
        assertThat(device.writes).allSatisfy(write -> assertThat(write.first()).isNotZero());
        blocks.flush();
        assertThat(device.writes).anySatisfy(write -> assertThat(write.first()).isZero());
    }

    @Test
    void neighboursAreWrittenTogetherInAscendingOrder() {
        for (long number : new long[]{9, 3, 5, 4, 20, 10}) {
            put(number, number);
        }
        blocks.flush();
        assertThat(device.writes).containsExactly(new RecordingDevice.Write(3, 3), new RecordingDevice.Write(9, 2),
                new RecordingDevice.Write(20, 1));
        assertThat(blocks.stats().writes()).isEqualTo(3);
        assertThat(blocks.stats().blocksWritten()).isEqualTo(6);
        assertThat(device.flushes).isEqualTo(1);
        blocks.flush();
        assertThat(device.writes).as("what is clean is not written again").hasSize(3);
    }

    @Test
    void aCacheFullOfLockedBlocksSaysSo() {
        List<Block> held = new ArrayList<>();
        for (int i = 0; i < blocks.stats().frames(); i++) {
            held.add(blocks.writeLockZero(i, apple));
        }
        assertThatThrownBy(() -> blocks.writeLockZero(500, apple)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("locked");
        held.forEach(Block::close);
        put(500, 5);
        assertThat(get(500)).isEqualTo(5);
    }

    /**
     * Two threads make room at once: what one has written, the other still holds, so there is neither a frame to empty
     * nor one to write - for a moment.
     */
    @Test
    void aCacheFullOfBlocksThatAreBeingWrittenIsWaitedFor() throws InterruptedException {
        for (int i = 1; i <= 64; i++) {
            put(i, i);
        }
        device.writesAllowed = new Semaphore(0);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (long wanted = 100; wanted < 102; wanted++) {
            long number = wanted;
            Thread thread = new Thread(() -> put(number, number));
            thread.setUncaughtExceptionHandler((_, e) -> failure.set(e));
            thread.start();
            threads.add(thread);
            while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.BLOCKED) {
                Thread.onSpinWait();
            }
        }
        device.writesAllowed.release(1);
        while (threads.stream().filter(thread -> thread.getState() == Thread.State.WAITING).count() < 2
                && failure.get() == null) {
            Thread.onSpinWait();
        }
        device.writesAllowed.release(1000);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
        assertThat(get(100)).isEqualTo(100);
        assertThat(get(101)).isEqualTo(101);
    }

    @Test
    void flushWithABlockStillLockedForWritingIsRefusedAndHarmless() {
        put(4, 4);
        Block locked = blocks.writeLockZero(3, apple);
        locked.close();
        locked = blocks.writeLock(3, apple);
        assertThatThrownBy(blocks::flush).isInstanceOf(IllegalStateException.class).hasMessageContaining("block 3");
        locked.close();
        blocks.flush();
        assertThat(device.writes).containsExactly(new RecordingDevice.Write(3, 2));
    }

    @Test
    void discardedDirtyBlocksAreReadFromTheDeviceAgain() {
        put(3, 1);
        blocks.flush();
        put(3, 2);
        put(4, 2);
        blocks.discardDirty();
        assertThat(get(3)).isEqualTo(1);
        assertThat(blocks.stats().dirty()).isZero();
    }

    @Test
    void afterAFailedFlushNothingIsWrittenAgain() {
        put(3, 1);
        device.flushFailure = new DeviceException("injected flush failure");
        assertThatThrownBy(blocks::flush).isInstanceOf(DeviceException.class).hasMessageContaining("injected");
        device.flushFailure = null;
        int writes = device.writes.size();
        assertThatThrownBy(blocks::flush).isInstanceOf(ReadOnlyException.class).hasMessageContaining("injected");
        assertThatThrownBy(() -> blocks.writeLock(3, apple)).isInstanceOf(ReadOnlyException.class);
        blocks.setReadOnly(false);
        assertThatThrownBy(() -> blocks.writeLockZero(4, apple)).isInstanceOf(ReadOnlyException.class);
        assertThat(device.writes).hasSize(writes);
        assertThat(get(3)).as("reading goes on").isEqualTo(1);
    }

    @Test
    void whatAnErrorOfAnotherKindKeptFromTheDeviceStaysDirty() {
        put(3, 1);
        device.flushFailure = new IllegalStateException("not the device's fault");
        assertThatThrownBy(blocks::flush).isSameAs(device.flushFailure);
        device.flushFailure = null;
        device.writes.clear();
        blocks.flush();
        assertThat(device.writes).as("nobody takes it for durable").containsExactly(new RecordingDevice.Write(3, 1));
    }

    /** Neither writing what is dirty nor throwing it away would do: the transaction may still be reading it. */
    @Test
    void afterAFailureACacheFullOfChangesSaysSoUntilTheyAreRolledBack() {
        put(100, 7);
        blocks.flush();
        for (int i = 1; i <= 64; i++) {
            put(i, i);
        }
        device.flushFailure = new DeviceException("injected flush failure");
        assertThatThrownBy(blocks::flush).isSameAs(device.flushFailure);
        device.flushFailure = null;
        int writes = device.writes.size();
        assertThatThrownBy(() -> get(100)).isInstanceOf(DeviceException.class).hasMessageContaining("block 100")
                .hasMessageContaining("rolled back").hasMessageContaining("injected");
        assertThat(get(5)).isEqualTo(5);
        blocks.discardDirty();
        assertThat(get(100)).isEqualTo(7);
        assertThat(device.writes).hasSize(writes);
    }

    /** As one does that was after the block which the frame held before. */
    @Test
    void aRollBackWaitsForAReaderOfADirtyFrame() throws InterruptedException {
        put(3, 1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread writer = new Thread(blocks::discardDirty);
        writer.setUncaughtExceptionHandler((_, e) -> failure.set(e));
        try (Block reading = blocks.readLock(3, apple)) {
            assertThat(reading.number()).isEqualTo(3);
            writer.start();
            while (writer.getState() != Thread.State.TIMED_WAITING && writer.isAlive()) {
                Thread.onSpinWait();
            }
        }
        writer.join();
        assertThat(failure.get()).isNull();
        assertThat(blocks.stats().dirty()).isZero();
    }

    @Test
    void aForgottenBlockMakesRoomBeforeAnyOther() {
        int frames = blocks.stats().frames();
        for (int i = 1; i <= frames; i++) {
            put(i, i);
        }
        blocks.flush();
        blocks.forget(5);
        blocks.forget(5);
        blocks.forget(BLOCKS + 1);
        long evicted = blocks.stats().evictions();
        put(frames + 1, 1);
        assertThat(blocks.stats().evictions()).as("nobody else had to go").isEqualTo(evicted);
        assertThat(blocks.cached(5)).isNull();
        assertThat(get(5)).as("it is still on the device").isEqualTo(5);
    }

    @Test
    void aBlockThatIsDirtyOrInUseIsNotForgotten() {
        put(3, 1);
        blocks.forget(3);
        blocks.flush();
        try (Block _ = blocks.readLock(3, apple)) {
            blocks.forget(3);
            assertThat(blocks.cached(3)).isNotNull();
        }
        assertThat(get(3)).isEqualTo(1);
    }

    @Test
    void readOnlyModeForbidsChangesUntilItIsLeft() {
        put(3, 1);
        blocks.flush();
        blocks.setReadOnly(true);
        assertThatThrownBy(() -> blocks.writeLock(3, apple)).isInstanceOf(ReadOnlyException.class);
        assertThatThrownBy(blocks::flush).isInstanceOf(ReadOnlyException.class);
        blocks.setReadOnly(false);
        put(3, 2);
        assertThat(get(3)).isEqualTo(2);
    }

    @Test
    void tryReadLockNeitherReadsNorWaits() {
        put(3, 1);
        blocks.flush();
        reopen();
        assertThat(blocks.tryReadLock(3, apple)).isNull();
        assertThat(blocks.stats().blocksRead()).isZero();
        get(3);
        try (Block block = blocks.tryReadLock(3, apple)) {
            assertThat(block.data().get(Bytes.U64, PAYLOAD)).isEqualTo(1);
        }
        try (Block _ = blocks.writeLock(3, apple)) {
            assertThat(blocks.tryReadLock(3, apple)).isNull();
        }
    }

    @Test
    void prefetchedBlocksAreReadOnceAndValidatedWhenLocked() throws InterruptedException {
        put(3, 1);
        blocks.flush();
        reopen();
        int before = apple.checks;
        blocks.prefetch(3);
        while (blocks.cached(3) == null || blocks.stats().blocksRead() == 0) {
            Thread.sleep(1);
        }
        assertThat(apple.checks).isEqualTo(before);
        assertThat(get(3)).isEqualTo(1);
        assertThat(apple.checks).isEqualTo(before + 1);
        assertThat(blocks.stats().blocksRead()).isEqualTo(1);
    }

    @Test
    void blocksOfADeviceInMemoryAreNotPrefetched() {
        try (BlockManager memory = new BlockManager(new MemoryDevice(BLOCKS * 4096L), SMALLEST_CACHE)) {
            Set<Thread> before = prefetchers();
            memory.prefetch(3);
            assertThat(before).containsAll(prefetchers());
            blocks.prefetch(3);
            assertThat(before.containsAll(prefetchers())).as("none for a device that takes its time").isFalse();
        }
    }

    /** The threads that read ahead: one begins with a request, and lives for two seconds after it. */
    private static Set<Thread> prefetchers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("pdata-prefetch-")).collect(Collectors.toSet());
    }

    @Test
    void anOptimisticReadNoticesAWriterAndAReusedFrame() {
        put(3, 1);
        Block block = blocks.cached(3);
        assertThat(block.stampFor(3, pear)).as("another type").isZero();
        assertThat(block.stampFor(4, apple)).as("another block").isZero();
        long stamp = block.stampFor(3, apple);
        assertThat(stamp).isNotZero();
        assertThat(block.validate(stamp)).isTrue();
        Block writer = blocks.writeLock(3, apple);
        assertThat(block.validate(stamp)).isFalse();
        assertThat(block.stampFor(3, apple)).isZero();
        writer.close();
        assertThat(block.validate(stamp)).isFalse();
        blocks.flush();
        stamp = block.stampFor(3, apple);
        for (int i = 10; i < 300; i++) {
            put(i, i);
        }
        assertThat(block.validate(stamp)).as("the frame has been given to another block").isFalse();
    }

    @Test
    void readersWaitForTheWriterOfABlock() throws InterruptedException {
        put(3, 1);
        Block writer = blocks.writeLock(3, apple);
        CountDownLatch started = new CountDownLatch(1);
        AtomicReference<Long> seen = new AtomicReference<>();
        Thread reader = new Thread(() -> {
            started.countDown();
            seen.set(get(3));
        });
        reader.start();
        started.await();
        Thread.sleep(20);
        assertThat(seen.get()).isNull();
        writer.data().set(Bytes.U64, PAYLOAD, 2);
        writer.close();
        reader.join();
        assertThat(seen.get()).isEqualTo(2);
    }

    /** Frames change their blocks all the time under the readers: each value read must be that of the block asked for. */
    @Test
    void readersOnManyThreadsNeverSeeAnotherBlock() throws InterruptedException {
        for (int i = 1; i < BLOCKS; i++) {
            put(i, i * 7L);
        }
        blocks.flush();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> readers = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            SplittableRandom random = new SplittableRandom(t);
            Thread reader = new Thread(() -> {
                for (int n = 0; n < 50_000 && !stop.get(); n++) {
                    long number = random.nextInt(1, BLOCKS);
                    assertThat(random.nextBoolean() ? get(number) : optimistically(number)).isEqualTo(number * 7);
                }
            });
            reader.setUncaughtExceptionHandler((_, e) -> {
                failure.set(e);
                stop.set(true);
            });
            readers.add(reader);
            reader.start();
        }
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(failure.get()).isNull();
        assertThat(blocks.stats().evictions()).isPositive();
    }

    private long optimistically(long number) {
        Block block = blocks.cached(number);
        long stamp = block == null ? 0 : block.stampFor(number, apple);
        if (stamp != 0) {
            long value = block.data().get(Bytes.U64, PAYLOAD);
            if (block.validate(stamp)) {
                return value;
            }
        }
        return get(number);
    }

    @Test
    void aDeviceThatGrowsCanBeUsedToItsNewEnd() {
        device.memory.resize((BLOCKS + 50) * 4096L, false);
        assertThatThrownBy(() -> put(BLOCKS + 49, 1)).isInstanceOf(CorruptionException.class);
        blocks.resize();
        assertThat(blocks.blocks()).isEqualTo(BLOCKS + 50);
        put(BLOCKS + 49, 1);
        blocks.flush();
        assertThat(get(BLOCKS + 49)).isEqualTo(1);
    }
}

package io.pdata.core.space;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Keeps blocks that the writer has freed from being handed out again while a reader can still reach them.
 *
 * <p>Invariant: a block that was allocated in the committed state a reader began with is not allocated anew before that
 * reader has ended. With no reader, nothing is held back and allocation is exactly the kernel's.
 *
 * <p>The allocator reports at each commit what that transaction freed, and asks {@link #holds} before it hands a block
 * out. A held block is in {@link #held} once however long its readers last, so memory is bounded by four bytes for each
 * block of the device. Thread-safe: readers come and go on any thread.
 */
public final class ReuseGuard {
    /** The blocks that one transaction freed; readers of states before {@code epoch} may still reach them. */
    private record Freed(long epoch, int[] blocks) {}

    private final TreeMap<Long, Integer> readers = new TreeMap<>();
    private final Deque<Freed> queue = new ArrayDeque<>();
    private final BitSet held = new BitSet();
    private volatile boolean anyHeld;
    private long epoch;
    private int[] pending = new int[16];
    private int pendingCount;

    /** Whether a block may not be handed out yet. O(1), and no lock when nothing is held. */
    public boolean holds(long block) {
        if (!anyHeld) {
            return false;
        }
        synchronized (this) {
            return held.get((int) block);
        }
    }

    /** The first block from {@code from} on that is not held. */
    public long nextNotHeld(long from) {
        if (!anyHeld) {
            return from;
        }
        synchronized (this) {
            return held.nextClearBit((int) from);
        }
    }

    /** Said by the allocator before a commit: the transaction has freed this block, which the last commit had in use. */
    public synchronized void freed(long block) {
        if (pendingCount == pending.length) {
            pending = Arrays.copyOf(pending, 2 * pendingCount);
        }
        pending[pendingCount++] = Math.toIntExact(block);
    }

    /** Said when a commit is durable; {@code publish} runs so that every reader sees either all of it or nothing. */
    public synchronized void committed(Runnable publish) {
        epoch++;
        if (!readers.isEmpty() && pendingCount > 0) {
            int[] blocks = Arrays.copyOf(pending, pendingCount);
            for (int block : blocks) {
                held.set(block);
            }
            queue.addLast(new Freed(epoch, blocks));
            anyHeld = true;
        }
        pendingCount = 0;
        publish.run();
    }

    /** Said when a transaction is rolled back: what it freed is in use again. */
    public synchronized void rolledBack() {
        pendingCount = 0;
    }

    /** Begins a reader on the last committed state, as {@code capture} sees it; the result goes to {@link #leave}. */
    public synchronized <T> Entry<T> enter(Supplier<T> capture) {
        T state = capture.get();
        readers.merge(epoch, 1, Integer::sum);
        return new Entry<>(epoch, state);
    }

    /**
     * A reader's place.
     *
     * @param epoch the committed state it reads
     * @param state what was captured with it
     */
    public record Entry<T>(long epoch, T state) {}

    /** Ends a reader. */
    public synchronized void leave(long readerEpoch) {
        readers.merge(readerEpoch, -1, (a, b) -> a + b == 0 ? null : a + b);
        long oldest = readers.isEmpty() ? Long.MAX_VALUE : readers.firstKey();
        while (!queue.isEmpty() && queue.peekFirst().epoch() <= oldest) {
            for (int block : queue.removeFirst().blocks()) {
                held.clear(block);
            }
        }
        anyHeld = !queue.isEmpty();
    }

    /** How many blocks are held back. */
    public synchronized long heldBlocks() {
        return held.cardinality();
    }

    /** How many readers are active. */
    public synchronized int readers() {
        return readers.values().stream().mapToInt(Integer::intValue).sum();
    }
}

package io.pdata.thin.pool;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.EngineThread;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Gives the storage of freed data blocks back to the data device, in pieces, while the pool is in use.
 *
 * <p>One call for 15 GiB keeps a file system from every other write for seconds; pieces of 64 MiB take as long in total and
 * let writes through between them. So a commit only notes what it has freed, and whoever is asked to {@link #run} discards it
 * without the pool's lock.
 *
 * <p>Invariants: nothing is discarded before the commit that frees it is durable, because a crash would bring it back. A block
 * that is allocated again is taken out of what is pending first ({@link #reuse}); if it is being discarded at that moment its
 * new owner waits ({@link #awaitReusable}) before it writes.
 *
 * <p>The kernel gives back only what a discard frees, and before the commit: a block that was shared until this transaction
 * broke the sharing would, after a crash, be a block with a snapshot's flushed data again.
 *
 * <p>Bounded: of more than {@value #MOST_RUNS} runs the data device keeps the rest until the blocks are used again, as it does
 * with what is pending when the process is killed. Thread-safe.
 */
final class DeferredDiscards implements AutoCloseable {
    private static final int MOST_RUNS = 1 << 19;
    private static final long PIECE_BYTES = 64L << 20;
    private static final long CLOSING_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Device data;
    private final long blockBytes;
    private final long pieceBlocks;
    private final PoolEvents events;
    /** Begin and end of each run that the commit under way frees. */
    private long[] committing = new long[64];
    private int count;
    /** Begin and end of the runs whose storage can be given back. */
    private final TreeMap<Long, Long> pending = new TreeMap<>();
    /** The run that is being discarded; empty if there is none. */
    private long begin;
    private long end;
    private final Thread worker;
    private boolean closed;

    /** @param background whether a thread of this object discards; otherwise the one that calls {@link #settle} does */
    DeferredDiscards(Device data, long blockBytes, PoolEvents events, boolean background) {
        this.data = data;
        this.blockBytes = blockBytes;
        this.pieceBlocks = Math.max(1, PIECE_BYTES / blockBytes);
        this.events = events;
        this.worker = background ? EngineThread.factory("discard").newThread(this::work) : null;
        if (worker != null) {
            worker.start();
        }
    }

    // ---- for the holder of the pool's lock ----

    /** The commit under way frees a block; above all those named before. */
    void freed(long block) {
        if (count > 0 && committing[2 * count - 1] == block) {
            committing[2 * count - 1]++;
            return;
        }
        if (count == MOST_RUNS) {
            return;
        }
        if (2 * count == committing.length) {
            committing = Arrays.copyOf(committing, 2 * committing.length);
        }
        committing[2 * count] = block;
        committing[2 * count + 1] = block + 1;
        count++;
    }

    /** The commit has failed: the blocks are still in use. */
    void forget() {
        count = 0;
    }

    /** The commit is durable, and nothing has been allocated since. */
    synchronized void committed() {
        for (int i = 0; i < count && pending.size() < MOST_RUNS; i++) {
            add(committing[2 * i], committing[2 * i + 1]);
        }
        count = 0;
        notifyAll();
    }

    private void add(long from, long to) {
        Map.Entry<Long, Long> before = pending.floorEntry(from);
        boolean joins = before != null && before.getValue() == from;
        pending.put(joins ? before.getKey() : from, to);
    }

    /** A block is allocated: its storage stays. */
    synchronized void reuse(long block) {
        Map.Entry<Long, Long> run = pending.floorEntry(block);
        if (run == null || run.getValue() <= block) {
            return;
        }
        pending.remove(run.getKey());
        if (run.getKey() < block) {
            pending.put(run.getKey(), block);
        }
        if (block + 1 < run.getValue()) {
            pending.put(block + 1, run.getValue());
        }
    }

    // ---- without the pool's lock ----

    /** Returns when an allocated block is not being discarded. */
    synchronized void awaitReusable(long block) {
        boolean interrupted = false;
        while (block >= begin && block < end) {
            interrupted |= interruptedWait();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean interruptedWait() {
        try {
            wait();
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    /** Has everything pending discarded soon, or at once if there is no thread for that. */
    void settle() {
        if (worker == null) {
            run();
        }
    }

    /**
     * Discards everything that is pending now.
     *
     * @return whether there was anything
     */
    boolean run() {
        boolean any = false;
        while (discardPiece()) {
            any = true;
        }
        return any;
    }

    private boolean discardPiece() {
        long from;
        long to;
        synchronized (this) {
            boolean interrupted = false;
            while (begin < end) {
                interrupted |= interruptedWait();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            if (pending.isEmpty()) {
                return false;
            }
            Map.Entry<Long, Long> first = pending.pollFirstEntry();
            from = first.getKey();
            to = Math.min(first.getValue(), from + pieceBlocks);
            if (to < first.getValue()) {
                pending.put(to, first.getValue());
            }
            begin = from;
            end = to;
        }
        try {
            data.discard(from * blockBytes, (to - from) * blockBytes);
        } catch (DeviceException e) {
            refused(e);
        } finally {
            finished();
        }
        return true;
    }

    /** The device will not take the rest either. */
    private void refused(DeviceException reason) {
        synchronized (this) {
            pending.clear();
        }
        events.storageKept(reason);
    }

    private synchronized void finished() {
        begin = 0;
        end = 0;
        notifyAll();
    }

    private void work() {
        while (awaitWork()) {
            try {
                run();
            } catch (RuntimeException | OutOfMemoryError e) {
                refused(new DeviceException(data.name() + ": giving storage back failed: " + e, e));
            }
        }
    }

    /** Waits for something to discard; returns false after the end. */
    private synchronized boolean awaitWork() {
        while (pending.isEmpty() && !closed) {
            interruptedWait();
        }
        return !closed;
    }

    /** Discards pending blocks for at most a few seconds. Called before the data device is closed. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        long deadline = System.nanoTime() + CLOSING_NANOS;
        while (System.nanoTime() < deadline && discardPiece()) {
            // the next piece
        }
        synchronized (this) {
            pending.clear();
        }
        discardPiece(); // waits for the one that another thread is at
    }
}

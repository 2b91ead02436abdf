package io.pdata.thin.pool;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;

/**
 * The writes that wait until a pool that is full has free data blocks again: threads, and callbacks of those that wait
 * without a thread.
 *
 * <p>The methods need the pool's lock, to which the condition belongs, except for {@link #add} and
 * {@link #remove}. Source: format document "thin", section 9: the time runs from the moment when the pool became full, and
 * after it writes fail at once until there are free blocks.
 */
final class SpaceQueue {
    private final Condition changed;
    private final PoolOptions options;
    private final Set<Runnable> callbacks = ConcurrentHashMap.newKeySet();
    private long fullSince;
    private boolean givenUp;
    private boolean closed;

    SpaceQueue(Condition changed, PoolOptions options) {
        this.changed = changed;
        this.options = options;
    }

    /** Has {@code callback} called whenever a write that waits is worth another try; it must return at once. Any thread. */
    void add(Runnable callback) {
        callbacks.add(callback);
    }

    void remove(Runnable callback) {
        callbacks.remove(callback);
    }

    /** The pool has become full. */
    void full() {
        fullSince = System.nanoTime();
    }

    /** There are free blocks, or none that could be waited for: all that wait try again. */
    void retry() {
        givenUp = false;
        wakeAll();
    }

    /** Fails all that wait if their time is over. */
    void expire() {
        if (!options.noSpaceTimeout().isZero() && !givenUp && left() <= 0) {
            givenUp = true;
            wakeAll();
        }
    }

    private long left() {
        return fullSince + options.noSpaceTimeout().toNanos() - System.nanoTime();
    }

    /** Fails all that wait; from now on no write waits. */
    void close() {
        closed = true;
        wakeAll();
    }

    private void wakeAll() {
        changed.signalAll();
        callbacks.forEach(Runnable::run);
    }

    /** Whether the options allow to wait, and still do. */
    boolean isWaitingAllowed() {
        expire();
        return !options.errorIfNoSpace() && !givenUp && !closed;
    }

    /**
     * Waits until something has changed.
     *
     * @return false if waiting is not allowed, or not any longer, or if this thread has been interrupted
     */
    boolean await() {
        if (!isWaitingAllowed()) {
            return false;
        }
        try {
            if (options.noSpaceTimeout().isZero()) {
                changed.await();
                return true;
            }
            return changed.awaitNanos(left()) > 0 || isWaitingAllowed();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}

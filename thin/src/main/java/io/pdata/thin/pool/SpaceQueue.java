package io.pdata.thin.pool;

import java.util.concurrent.locks.Condition;

/**
 * The writes that wait until a pool that is full has free data blocks again.
 *
 * <p>All methods are for whoever holds the pool's lock, to which the condition belongs. Source: format document "thin",
 * section 9: the time runs from the moment when the pool became full, and when it is over nobody waits any more until
 * there are free blocks.
 */
final class SpaceQueue {
    private final Condition changed;
    private final PoolOptions options;
    private long fullSince;
    private boolean givenUp;

    SpaceQueue(Condition changed, PoolOptions options) {
        this.changed = changed;
        this.options = options;
    }

    /** The pool has become full. */
    void full() {
        fullSince = System.nanoTime();
    }

    /** There are free blocks: whoever waits tries again. */
    void spaceAgain() {
        givenUp = false;
        changed.signalAll();
    }

    /** Waiting makes no sense any more. */
    void giveUp() {
        givenUp = true;
        changed.signalAll();
    }

    /**
     * Waits until something has changed.
     *
     * @return false if the options do not allow to wait, or not any longer, or if this thread has been interrupted
     */
    boolean await() {
        if (options.errorIfNoSpace() || givenUp) {
            return false;
        }
        try {
            if (options.noSpaceTimeout().isZero()) {
                changed.await();
                return true;
            }
            if (changed.awaitNanos(fullSince + options.noSpaceTimeout().toNanos() - System.nanoTime()) > 0) {
                return true;
            }
            giveUp();
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}

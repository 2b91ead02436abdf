package io.pdata.thin.pool;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Work that many want done, and that one run does for all who asked before it began. Those who ask while a run is under
 * way share the next one.
 *
 * <p>Any number of threads. Who asked for a run that failed, and was not the one to run it, runs another.
 */
final class SharedRuns {
    private final AtomicLong asked = new AtomicLong();
    private final ReentrantLock running = new ReentrantLock();
    private long done;

    /** Returns when the work has been done by a run that began after this call did. */
    void run(Runnable work) {
        long ticket = asked.incrementAndGet();
        running.lock();
        try {
            if (done < ticket) {
                long covered = asked.get();
                work.run();
                done = covered;
            }
        } finally {
            running.unlock();
        }
    }
}

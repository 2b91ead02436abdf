package io.pdata.thin.pool;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The flushes of a pool's data, and which mappings they cover: what a mapping points at has to be durable before the mapping
 * is. Most of it can be flushed while nobody waits; what has been mapped meanwhile is flushed by the commit.
 *
 * <p>Invariant: after a flush that failed nobody knows what is durable, and a second one would not tell: none succeeds any
 * more. One at a time: the operating system tells of a failure only once, and who asks at the same moment would not hear of
 * it.
 *
 * <p>Thread-safe.
 */
final class DataFlushes {
    private final Device data;
    private final ReentrantLock one = new ReentrantLock();
    private volatile DeviceException failure;
    /** How many blocks have been mapped; changed by whoever holds the pool's lock. */
    private volatile long mapped;
    /** So many of them had been filled and mapped when a flush began that has succeeded. */
    private volatile long covered;

    DataFlushes(Device data) {
        this.data = data;
    }

    /** Whether one has failed. */
    boolean failed() {
        return failure != null;
    }

    /** A block has been filled, and is mapped now. */
    void mapped(long blocks) {
        mapped += blocks;
    }

    /** How many mappings point at what may not be durable. */
    long uncovered() {
        return mapped - covered;
    }

    /** Returns when everything that has been written before is durable. */
    void flush() {
        one.lock();
        try {
            requireNoFailure();
            long before = mapped;
            data.flush();
            covered = before;
        } catch (DeviceException e) {
            failure = failure == null ? e : failure;
            throw e;
        } finally {
            one.unlock();
        }
    }

    private void requireNoFailure() {
        if (failure != null) {
            throw new DeviceException(data.name() + ": a flush has failed before, and what was lost is not known: "
                    + failure.getMessage(), failure);
        }
    }
}

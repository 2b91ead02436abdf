package io.pdata.reliability.fault;

import io.pdata.core.device.DeviceException;
import io.pdata.core.device.ForwardingDevice;
import io.pdata.reliability.disk.SimulatedDisk;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/** A simulated disk, and what became of it: what has failed, what was done after that, whether it was closed. */
final class WatchedDisk extends ForwardingDevice {
    private static final String PREFETCH_THREADS = "pdata-prefetch-";

    private final SimulatedDisk disk;
    private volatile boolean readFailed;
    private volatile boolean changeFailed;
    private volatile boolean anyFailed;
    private volatile boolean closed;
    private final AtomicLong changes = new AtomicLong();

    WatchedDisk(SimulatedDisk disk) {
        super(disk);
        this.disk = disk;
    }

    SimulatedDisk disk() {
        return disk;
    }

    /** Whether a read has failed that somebody waited for, rather than one ahead of its use. */
    boolean readFailed() {
        return readFailed;
    }

    /** Whether a write or a flush has failed. */
    boolean changeFailed() {
        return changeFailed;
    }

    /** Whether anything has failed. */
    boolean anyFailed() {
        return anyFailed;
    }

    boolean closed() {
        return closed;
    }

    /** How many writes and flushes have been asked for. */
    long changes() {
        return changes.get();
    }

    @Override
    public void read(long position, MemorySegment target) {
        try {
            super.read(position, target);
        } catch (DeviceException e) {
            anyFailed = true;
            readFailed |= !Thread.currentThread().getName().startsWith(PREFETCH_THREADS);
            throw e;
        }
    }

    @Override
    public void write(long position, MemorySegment source) {
        change(() -> super.write(position, source));
    }

    @Override
    public void flush() {
        change(super::flush);
    }

    private void change(Runnable change) {
        changes.incrementAndGet();
        try {
            change.run();
        } catch (DeviceException e) {
            anyFailed = true;
            changeFailed = true;
            throw e;
        }
    }

    @Override
    public void resize(long size, boolean reserve) {
        try {
            super.resize(size, reserve);
        } catch (DeviceException e) {
            anyFailed = true; // of who enlarges the device, not of the store
            throw e;
        }
    }

    @Override
    public void close() {
        closed = true;
        super.close();
    }
}

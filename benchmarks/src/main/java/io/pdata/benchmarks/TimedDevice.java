package io.pdata.benchmarks;

import io.pdata.core.device.Device;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.LongAdder;

/** A device that notes how long its flushes take: what the disk costs, and no program can change. Any thread. */
final class TimedDevice implements Device {
    private final Device device;
    private final LongAdder flushing;

    /** @param flushing gets the nanoseconds */
    TimedDevice(Device device, LongAdder flushing) {
        this.device = device;
        this.flushing = flushing;
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public long size() {
        return device.size();
    }

    @Override
    public boolean readOnly() {
        return device.readOnly();
    }

    @Override
    public void read(long position, MemorySegment target) {
        device.read(position, target);
    }

    @Override
    public void write(long position, MemorySegment source) {
        device.write(position, source);
    }

    @Override
    public void flush() {
        long start = System.nanoTime();
        try {
            device.flush();
        } finally {
            flushing.add(System.nanoTime() - start);
        }
    }

    @Override
    public void discard(long position, long length) {
        device.discard(position, length);
    }

    @Override
    public void zero(long position, long length) {
        device.zero(position, length);
    }

    @Override
    public void resize(long size, boolean reserve) {
        device.resize(size, reserve);
    }

    @Override
    public long nextData(long position) {
        return device.nextData(position);
    }

    @Override
    public long refresh() {
        return device.refresh();
    }

    @Override
    public void perform(Runnable work) {
        device.perform(work);
    }

    @Override
    public void close() {
        device.close();
    }
}

package io.pdata.benchmarks;

import io.pdata.core.device.Device;
import io.pdata.core.device.ForwardingDevice;
import java.util.concurrent.atomic.LongAdder;

/** A device that notes how long its flushes take: what the disk costs, and no program can change. Any thread. */
final class TimedDevice extends ForwardingDevice {
    private final LongAdder flushing;

    /** @param flushing gets the nanoseconds */
    TimedDevice(Device device, LongAdder flushing) {
        super(device);
        this.flushing = flushing;
    }

    @Override
    public void flush() {
        long start = System.nanoTime();
        try {
            super.flush();
        } finally {
            flushing.add(System.nanoTime() - start);
        }
    }
}

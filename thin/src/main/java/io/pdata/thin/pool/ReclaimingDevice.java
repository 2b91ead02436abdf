package io.pdata.thin.pool;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceFullException;
import io.pdata.core.device.ForwardingDevice;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;

/**
 * A data device whose file system may be full while freed storage has not been given back yet: a write that finds no room
 * discards that first, and is tried once more.
 */
final class ReclaimingDevice extends ForwardingDevice {
    private final BooleanSupplier reclaim;

    /** @param reclaim gives storage back; returns whether there was any */
    ReclaimingDevice(Device device, BooleanSupplier reclaim) {
        super(device);
        this.reclaim = reclaim;
    }

    @Override
    public void write(long position, MemorySegment source) {
        try {
            super.write(position, source);
        } catch (DeviceFullException e) {
            requireReclaimed(e);
            super.write(position, source);
        }
    }

    @Override
    public void zero(long position, long length) {
        try {
            super.zero(position, length);
        } catch (DeviceFullException e) {
            requireReclaimed(e);
            super.zero(position, length);
        }
    }

    private void requireReclaimed(DeviceFullException full) {
        if (!reclaim.getAsBoolean()) {
            throw full;
        }
    }
}

package io.pdata.thin.pool;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.ReadOnlyDevice;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A file or device that a volume shows where nothing has been written to it. It has at least the size that it had when the
 * volume was created: what has gone of it since is an error to read, not zeroes.
 */
final class ExternalOrigin extends ReadOnlyDevice {
    private final Device device;
    private final long size;

    /** @param expected the size that it had; 0 if that is not known */
    ExternalOrigin(Device device, long expected) {
        super("is an external origin");
        this.device = device;
        this.size = Math.max(expected, device.size());
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public long size() {
        return size;
    }

    /** How many bytes are there. */
    long present() {
        return device.size();
    }

    @Override
    public void read(long position, MemorySegment target) {
        Objects.checkFromIndexSize(position, target.byteSize(), size);
        if (position + target.byteSize() > device.size()) {
            throw new DeviceException("external origin " + name() + " is too short: it has " + device.size()
                    + " bytes, and had " + size + " when the volume was created");
        }
        device.read(position, target);
    }

    /** Does nothing: others use the device too. */
    @Override
    public void close() {}
}

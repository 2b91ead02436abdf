package io.pdata.thin.pool;

import io.pdata.core.device.ForwardingDevice;
import java.lang.foreign.MemorySegment;

/** A volume whose writes do not wait for space. */
final class NonWaitingVolume extends ForwardingDevice {
    private final Volume volume;

    NonWaitingVolume(Volume volume) {
        super(volume);
        this.volume = volume;
    }

    @Override
    public void write(long position, MemorySegment source) {
        volume.write(position, source, false);
    }

    @Override
    public void zero(long position, long length) {
        volume.zero(position, length, false);
    }
}

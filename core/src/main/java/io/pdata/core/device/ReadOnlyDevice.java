package io.pdata.core.device;

import java.lang.foreign.MemorySegment;

/** A device that refuses, with a {@link ReadOnlyException}, whatever would change it; a flush of it does nothing. */
public abstract class ReadOnlyDevice implements Device {
    private final String reason;

    /** @param reason why it cannot be changed, as it follows the device's name in a message */
    protected ReadOnlyDevice(String reason) {
        this.reason = reason;
    }

    @Override
    public final boolean readOnly() {
        return true;
    }

    @Override
    public final void write(long position, MemorySegment source) {
        throw refused();
    }

    @Override
    public final void flush() {
        // nothing is ever written
    }

    @Override
    public final void discard(long position, long length) {
        throw refused();
    }

    @Override
    public final void zero(long position, long length) {
        throw refused();
    }

    @Override
    public final void resize(long size, boolean reserve) {
        throw refused();
    }

    private ReadOnlyException refused() {
        return new ReadOnlyException(name() + " " + reason);
    }
}

package io.pdata.core.device;

/** Somebody else - another process, or another part of this one - has the device open in a way that excludes us. */
public final class DeviceBusyException extends DeviceException {
    private static final long serialVersionUID = 1L;

    public DeviceBusyException(String message) {
        super(message);
    }
}

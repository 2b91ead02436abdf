package io.pdata.core.device;

/** What the device is kept in has no room: the file system of a sparse file. Nothing has been lost but what was to be written. */
public final class DeviceFullException extends DeviceException {
    private static final long serialVersionUID = 1L;

    public DeviceFullException(String message, Throwable cause) {
        super(message, cause);
    }
}

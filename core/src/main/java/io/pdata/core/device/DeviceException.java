package io.pdata.core.device;

/** A device could not be opened, read, written or flushed. The message names the device and the operation. */
public class DeviceException extends PersistentDataException {
    private static final long serialVersionUID = 1L;

    public DeviceException(String message) {
        super(message);
    }

    public DeviceException(String message, Throwable cause) {
        super(message, cause);
    }
}

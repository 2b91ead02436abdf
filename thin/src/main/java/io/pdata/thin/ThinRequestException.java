package io.pdata.thin;

import io.pdata.core.device.PersistentDataException;

/** Something that was asked of a pool cannot be done. Nothing has been changed; the pool is as usable as before. */
public final class ThinRequestException extends PersistentDataException {
    private static final long serialVersionUID = 1L;

    /** Why not. In brackets: the error number by which the kernel says the same. */
    public enum Reason {
        /** The device is there already (EEXIST). */
        DEVICE_EXISTS,
        /** There is no such device (ENODATA). */
        UNKNOWN_DEVICE,
        /** The device is open, or a metadata snapshot is held already (EBUSY). */
        BUSY,
        /** The arguments do not fit the state of the pool (EINVAL). */
        INVALID,
        /** Metadata that would have to be read are damaged (EILSEQ, or EIO). */
        DAMAGED
    }

    private final Reason reason;

    public ThinRequestException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public ThinRequestException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}

package io.pdata.core.device;

/**
 * A write needs room that the device does not have at present, and the caller asked not to wait for it. The rest of the
 * range can be tried again when there is room.
 */
public final class WouldWaitException extends PersistentDataException {
    private static final long serialVersionUID = 1L;

    private final long done;

    /** @param done how many bytes of the range have been dealt with, from its beginning */
    public WouldWaitException(String message, long done) {
        super(message);
        this.done = done;
    }

    /** How many bytes of the range have been dealt with, from its beginning. */
    public long done() {
        return done;
    }

    /** Not an error: no stack trace is taken. */
    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}

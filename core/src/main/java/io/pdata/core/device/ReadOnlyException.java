package io.pdata.core.device;

/** Something was to be changed that was opened for reading only, or that became read-only after a failure. */
public final class ReadOnlyException extends PersistentDataException {
    private static final long serialVersionUID = 1L;

    public ReadOnlyException(String message) {
        super(message);
    }

    public ReadOnlyException(String message, Throwable cause) {
        super(message, cause);
    }
}

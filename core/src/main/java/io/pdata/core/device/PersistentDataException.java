package io.pdata.core.device;

/**
 * The root of everything this library throws on purpose, apart from {@link IllegalArgumentException} and
 * {@link IllegalStateException} for a caller's mistakes.
 */
public abstract class PersistentDataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    protected PersistentDataException(String message) {
        super(message);
    }

    protected PersistentDataException(String message, Throwable cause) {
        super(message, cause);
    }
}

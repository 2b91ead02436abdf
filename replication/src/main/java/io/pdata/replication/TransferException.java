package io.pdata.replication;

import io.pdata.core.device.PersistentDataException;
import java.io.IOException;

/** A copy of a volume cannot be made, or not be finished: a stream is broken, does not fit, or cannot be written. */
public final class TransferException extends PersistentDataException {
    private static final long serialVersionUID = 1L;

    private final boolean brokenPipe;
    private final boolean hopeless;

    public TransferException(String message) {
        this(message, null, false);
    }

    public TransferException(String message, Throwable cause) {
        this(message, cause, false);
    }

    private TransferException(String message, Throwable cause, boolean hopeless) {
        super(message, cause);
        this.brokenPipe = isBrokenPipe(cause);
        this.hopeless = hopeless;
    }

    /** One after which what has been received is of no use to go on from. */
    static TransferException hopeless(String message) {
        return new TransferException(message, null, true);
    }

    boolean isHopeless() {
        return hopeless;
    }

    private static boolean isBrokenPipe(Throwable cause) {
        return cause instanceof IOException && cause.getMessage() != null
                && (cause.getMessage().contains("Broken pipe") || cause.getMessage().contains("Pipe closed"));
    }

    /** Whether nobody reads any more what is written, which is nothing to complain about. */
    public boolean isBrokenPipe() {
        return brokenPipe;
    }
}

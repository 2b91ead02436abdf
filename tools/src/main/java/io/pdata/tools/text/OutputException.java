package io.pdata.tools.text;

import io.pdata.core.device.PersistentDataException;
import java.io.IOException;

/** The output of a tool cannot be written. */
public final class OutputException extends PersistentDataException {
    private static final long serialVersionUID = 1L;

    public OutputException(IOException cause) {
        this("", cause);
    }

    /** @param place what comes before the reason: the name of a file, or nothing */
    OutputException(String place, IOException cause) {
        super("output error: " + place + cause.getMessage(), cause);
    }

    /** Whether nobody reads the output any more, which is nothing to complain about. */
    public boolean isBrokenPipe() {
        return getCause().getMessage() != null && getCause().getMessage().contains("Broken pipe");
    }
}

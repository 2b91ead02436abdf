package io.pdata.tools;

import io.pdata.core.device.PersistentDataException;

/** A tool cannot do what it was asked to do. The message is for whoever started it. */
public class ToolException extends PersistentDataException {
    private static final long serialVersionUID = 1L;

    public ToolException(String message) {
        super(message);
    }

    public ToolException(String message, Throwable cause) {
        super(message, cause);
    }
}

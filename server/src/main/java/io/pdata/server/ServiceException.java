package io.pdata.server;

import io.pdata.core.device.PersistentDataException;

/** A pool, or the server that has it, has refused a request or could not do it. */
public final class ServiceException extends PersistentDataException {
    private static final long serialVersionUID = 1L;

    private final String code;

    /** @param code see {@link ErrorReport#code} */
    public ServiceException(String code, String message) {
        super(message);
        this.code = code;
    }

    public ServiceException(String code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public String code() {
        return code;
    }
}

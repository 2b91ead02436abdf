package io.pdata.tools.pack;

import io.pdata.core.device.PersistentDataException;

/** A pack file is damaged, or none. */
public final class PackException extends PersistentDataException {
    private static final long serialVersionUID = 1L;

    PackException(String message) {
        super(message);
    }
}

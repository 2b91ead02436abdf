package io.pdata.core.store;

import io.pdata.core.device.PersistentDataException;

/**
 * Metadata that can be read but must not be opened in the way that was asked for: an unsupported version, unknown
 * feature flags, needs-check, a different block size, or a device that would be formatted although it is not blank. The
 * message says which, and what to do about it. Nothing has been changed.
 */
public final class MetadataRefusedException extends PersistentDataException {
    private static final long serialVersionUID = 1L;

    public MetadataRefusedException(String message) {
        super(message);
    }
}

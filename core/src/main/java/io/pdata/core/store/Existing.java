package io.pdata.core.store;

/** What formatting does with a device that holds something. */
public enum Existing {
    /** Refuses to format it. */
    REFUSE,
    /** Overwrites it. What it held cannot be opened from the first moment on, and is lost. */
    OVERWRITE
}

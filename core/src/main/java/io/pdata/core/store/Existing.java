package io.pdata.core.store;

/** What formatting does with a device that holds something. */
public enum Existing {
    /** Refuses to format it. */
    REFUSE,
    /** Overwrites the contents. They are lost from the first write on. */
    OVERWRITE
}

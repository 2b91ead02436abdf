package io.pdata.reliability.pool;

/** What can be done to a pool; to which volume and where is the choice of whoever takes the step. */
public enum PoolStep {
    /** Writes whole blocks. */
    WRITE,
    /** Writes a few sectors, not whole blocks. */
    WRITE_PART,
    /** Flushes a volume. */
    FLUSH,
    /** Makes a snapshot, or a volume if there is none. */
    SNAPSHOT,
    /** Deletes a volume. */
    DELETE,
    /** Discards a range that need not begin or end with a block. */
    DISCARD,
    /** Zeroes such a range. */
    ZERO,
    /** Makes a volume smaller, and as large as before again. */
    RESIZE
}

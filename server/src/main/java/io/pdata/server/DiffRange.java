package io.pdata.server;

/**
 * A range in which two volumes differ; in bytes.
 *
 * @param offset where it begins
 * @param length how long it is
 * @param kind {@code added}: only the second has something there; {@code removed}: only the first has; {@code changed}:
 *        both have, but not the same
 */
public record DiffRange(long offset, long length, String kind) {
    public static final String ADDED = "added";
    public static final String REMOVED = "removed";
    public static final String CHANGED = "changed";
}

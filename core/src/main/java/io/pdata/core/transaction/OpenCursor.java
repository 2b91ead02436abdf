package io.pdata.core.transaction;

/** Something that keeps blocks locked from one call to the next. */
public interface OpenCursor {

    /** The root of the tree that it goes through. */
    long root();

    /**
     * Releases all locks; every later use fails.
     *
     * @param reason what to say then
     */
    void expire(String reason);
}

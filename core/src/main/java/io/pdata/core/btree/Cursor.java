package io.pdata.core.btree;

import java.lang.foreign.MemorySegment;

/** STUB. Positions: on an entry, or at the end. Holds read locks on its path until closed. */
public final class Cursor implements AutoCloseable {
    Cursor() {}

    /** Whether the cursor stands on an entry (false: past the last, or the tree is empty). */
    public boolean valid() {
        throw new UnsupportedOperationException();
    }

    public long key() {
        throw new UnsupportedOperationException();
    }

    public long longValue() {
        throw new UnsupportedOperationException();
    }

    public void value(MemorySegment target) {
        throw new UnsupportedOperationException();
    }

    /** Moves to the next entry; returns {@link #valid()}. */
    public boolean next() {
        throw new UnsupportedOperationException();
    }

    /** Moves {@code count} entries on. */
    public boolean skip(long count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}

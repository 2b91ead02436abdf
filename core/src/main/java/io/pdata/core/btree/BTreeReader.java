package io.pdata.core.btree;

import io.pdata.core.transaction.BlockReader;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/** Reading a tree. STUB */
public class BTreeReader {
    protected BTreeReader() {}

    public BTreeReader(BlockReader blocks, int levels, int valueSize) {}

    /** One-level trees. Copies the value of {@code key} to the start of {@code value}. */
    public final boolean lookup(long root, long key, MemorySegment value) {
        throw new UnsupportedOperationException();
    }

    /** One-level trees with 8-byte values. */
    public final long lookupLong(long root, long key, long absent) {
        throw new UnsupportedOperationException();
    }

    /** Any number of levels: one key for each. */
    public final boolean lookup(long root, long[] keys, MemorySegment value) {
        throw new UnsupportedOperationException();
    }

    /** The entry with the smallest last-level key at or above the given one; {@code keys} gets that key. */
    public final boolean lookupNext(long root, long[] keys, MemorySegment value) {
        throw new UnsupportedOperationException();
    }

    public final OptionalLong lowestKey(long root) {
        throw new UnsupportedOperationException();
    }

    public final OptionalLong highestKey(long root) {
        throw new UnsupportedOperationException();
    }

    /** In-order visit of a one-level tree. */
    public final void walk(long root, EntryVisitor visitor) {
        throw new UnsupportedOperationException();
    }

    /** A cursor on the first entry of a one-level tree. */
    public final Cursor cursor(long root) {
        throw new UnsupportedOperationException();
    }

    /** What {@link #walk} calls; {@code value} is valid during the call only. */
    @FunctionalInterface
    public interface EntryVisitor {
        /** @return whether to go on */
        boolean visit(long key, MemorySegment block, long valueOffset);
    }
}

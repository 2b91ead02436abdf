package io.pdata.core.btree;

import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;

/**
 * What a tree must know of its values: their size, and what they refer to.
 *
 * <p>{@link #inc} is called when values get duplicated because a shared leaf was copied - never on insert, where the
 * reference of the new value is handed over - and {@link #dec} when values are removed or overwritten. Both get runs of
 * values in slot order, and must act in that order (it decides bytes on disk). Source: format document, section 6.5.
 */
public interface ValueType {

    /** The size of a value in bytes; 1 to 1346 (so that three fit in a node). */
    int size();

    /** The {@code count} values from {@code offset} on have been duplicated. */
    default void inc(MemorySegment values, long offset, int count) {}

    /** The {@code count} values from {@code offset} on are given up. */
    default void dec(MemorySegment values, long offset, int count) {}

    /** Whether overwriting the first value by the second releases nothing. */
    default boolean equal(MemorySegment a, long aOffset, MemorySegment b, long bOffset) {
        return MemorySegment.mismatch(a, aOffset, aOffset + size(), b, bOffset, bOffset + size()) < 0;
    }

    /** Values that refer to nothing. */
    static ValueType plain(int size) {
        return () -> size;
    }

    /** {@code u64} values that are numbers of metadata blocks, each of them a reference; runs become ranges. */
    static ValueType blockReferences(TransactionManager transactions) {
        return new BlockReferences(transactions);
    }
}

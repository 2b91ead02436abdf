package io.pdata.core.transaction;

import io.pdata.core.block.Block;
import io.pdata.core.block.BlockValidator;

/**
 * All that is needed to read a structure: what {@link TransactionManager} (the running transaction) and
 * {@link ReadView} (a committed one) have in common. There is no way to change or allocate anything from here.
 */
public interface BlockReader {

    /** How many blocks there are; a pointer to any other is corrupt. O(1). */
    long blocks();

    /** The frame a block was in a moment ago, or null; for {@link Block#stampFor optimistic reads}. O(1), no lock. */
    Block cached(long block);

    /**
     * Locks a block for reading.
     *
     * @throws io.pdata.core.block.CorruptionException if it does not exist, is damaged or is of another type
     */
    Block readLock(long block, BlockValidator validator);

    /** Starts reading a block that will be wanted soon; only a hint. */
    void prefetch(long block);

    /**
     * Makes sure that a tree can still be read from a root: cheap, not for every lookup.
     *
     * @throws IllegalStateException if this reader has been closed
     * @throws io.pdata.core.block.CorruptionException if the root is known to be free: it is stale
     */
    default void checkRoot(long root) {}

    /** A cursor has been opened that has to end together with this reader. */
    default void opened(OpenCursor cursor) {}

    /** The cursor has been closed. */
    default void closed(OpenCursor cursor) {}
}

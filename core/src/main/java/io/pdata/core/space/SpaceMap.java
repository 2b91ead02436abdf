package io.pdata.core.space;

/**
 * A reference count for each block of some device, and the allocator that goes with it.
 *
 * <p>A block may be handed out only if its count is 0 both now and in the last committed transaction, so that a
 * roll-back finds everything it needs; allocation goes linearly from front to back and wraps once. Counts are exact at
 * any size. Used by the one writer of a store; not thread-safe. The cost of every change is that of shadowing one
 * bitmap (once in a transaction), plus a B+tree update where a count passes 2.
 *
 * <p>Errors: {@link NoSpaceException}; {@link io.pdata.core.block.CorruptionException} when what is on disk contradicts
 * itself, and for a block outside {@code [0, blocks())} (the number came from a pointer somewhere).
 */
public interface SpaceMap {

    /** What messages call this map: "metadata space map" or "data space map". */
    String name();

    /** How many blocks are counted. O(1). */
    long blocks();

    /** How many blocks can be said to be free, as the kernel reports it (format document, section 5.4). O(1). */
    long free();

    /** The reference count of a block, changes not yet recorded included. */
    long count(long block);

    /** The count, or 2 if it is more. Cheaper than {@link #count}; used for shadowing. */
    default int countUpToTwo(long block) {
        return (int) Math.min(2, count(block));
    }

    /** Whether the count is 2 or more. */
    default boolean isShared(long block) {
        return countUpToTwo(block) > 1;
    }

    /** Adds one to the count of each block in {@code [begin, end)}. */
    void inc(long begin, long end);

    /**
     * Takes one from the count of each block in {@code [begin, end)}.
     *
     * @throws io.pdata.core.block.CorruptionException if a count is 0 already
     */
    void dec(long begin, long end);

    default void inc(long block) {
        inc(block, block + 1);
    }

    default void dec(long block) {
        dec(block, block + 1);
    }

    /**
     * Allocates a block; its count is 1 afterwards. Amortised O(1) bitmap words looked at.
     *
     * @throws NoSpaceException if there is none; nothing has changed then
     */
    long newBlock();

    /** Adds {@code extra} free blocks at the end. */
    void extend(long extra);

    /**
     * Writes what is held in memory into blocks, and makes this the state that allocation respects. Part of the two-phase
     * commit: the blocks become durable with the flush that follows.
     */
    void commit();

    /** Where the map is, as of the last {@link #commit}; goes into the superblock. */
    SpaceMapRoot root();

    /** Becomes the map that {@code committed} describes, forgetting all else: for opening, and for a roll-back. */
    void reload(SpaceMapRoot committed);
}

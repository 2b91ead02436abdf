package io.pdata.thin;

/**
 * The value of a mapping: 40 bits of data block number above 24 bits of the clock at which it was made.
 *
 * <p>Source: format document, section 2. Kept as a plain {@code long} so that looking one up makes no object.
 */
public final class BlockTime {
    /** The last moment of a pool's clock; a later one would run into the block numbers. */
    public static final int MAX_TIME = (1 << 24) - 1;
    /** Data blocks that can be numbered. */
    public static final long MAX_BLOCKS = 1L << 40;
    /** Stands for "not mapped": the last block at the last moment, which no pool reaches. */
    public static final long UNMAPPED = -1;

    /** How many low bits of a mapping are its time. */
    static final int TIME_BITS = 24;

    private BlockTime() {}

    /** @throws IllegalArgumentException if either does not fit, which would corrupt the other */
    public static long pack(long block, int time) {
        if (block < 0 || block >= MAX_BLOCKS || time < 0 || time > MAX_TIME) {
            throw new IllegalArgumentException("data block " + block + " at time " + time + " does not fit a mapping");
        }
        return block << TIME_BITS | time;
    }

    public static long block(long packed) {
        return packed >>> TIME_BITS;
    }

    public static int time(long packed) {
        return (int) packed & MAX_TIME;
    }
}

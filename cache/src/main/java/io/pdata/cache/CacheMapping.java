package io.pdata.cache;

/**
 * Layout of a value of the mapping array: the origin block in the upper 48 bits, flags in the lower 16. An unmapped
 * cache block is 0. Source: format document "cache", section 2.
 */
public final class CacheMapping {
    public static final int SIZE = 8;
    public static final int VALID = 1;
    /** Version 1 only. */
    public static final int DIRTY = 2;
    /** Origin blocks are below this. */
    public static final long ORIGIN_LIMIT = 1L << 48;

    static final long UNMAPPED = 0;

    private static final int ORIGIN_SHIFT = 16;
    private static final int FLAGS_MASK = 0xffff;

    private CacheMapping() {}

    public static long pack(long origin, int flags) {
        return origin << ORIGIN_SHIFT | flags;
    }

    public static long origin(long value) {
        return value >>> ORIGIN_SHIFT;
    }

    public static int flags(long value) {
        return (int) value & FLAGS_MASK;
    }

    public static boolean valid(long value) {
        return (value & VALID) != 0;
    }

    public static boolean dirty(long value) {
        return (value & DIRTY) != 0;
    }
}

package io.pdata.core.block;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A set of block numbers, one bit for each block of the device.
 *
 * <p>{@link #add}, {@link #remove} and {@link #contains} may be called by any number of threads at once; of several that
 * add the same block exactly one is told that it was new. Every block number must be in {@code [0, capacity())}.
 */
public final class BlockSet {
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] words;
    private final int capacity;

    /** An empty set of blocks below {@code capacity}. */
    public BlockSet(long capacity) {
        this.capacity = Math.toIntExact(capacity);
        this.words = new long[(this.capacity + 63) >>> 6];
    }

    /** The numbers that can be in the set are those below. */
    public int capacity() {
        return capacity;
    }

    /** Adds a block; returns whether it was missing. O(1). */
    public boolean add(long block) {
        long bit = 1L << block;
        return ((long) WORD.getAndBitwiseOr(words, word(block), bit) & bit) == 0;
    }

    /** Takes a block out; returns whether it was there. O(1). */
    public boolean remove(long block) {
        long bit = 1L << block;
        return ((long) WORD.getAndBitwiseAnd(words, word(block), ~bit) & bit) != 0;
    }

    public boolean contains(long block) {
        return ((long) WORD.getOpaque(words, word(block)) & 1L << block) != 0;
    }

    /** The smallest block at or above {@code from}, or -1. */
    public int next(int from) {
        if (from >= capacity) {
            return -1;
        }
        int w = from >>> 6;
        long word = (long) WORD.getOpaque(words, w) & -1L << from;
        while (word == 0) {
            if (++w == words.length) {
                return -1;
            }
            word = (long) WORD.getOpaque(words, w);
        }
        return (w << 6) + Long.numberOfTrailingZeros(word);
    }

    public boolean isEmpty() {
        return next(0) < 0;
    }

    /** How many blocks are in the set. O(capacity / 64). */
    public int size() {
        int size = 0;
        for (long word : words) {
            size += Long.bitCount(word);
        }
        return size;
    }

    /** Empties the set; no other thread may use it meanwhile. */
    public void clear() {
        java.util.Arrays.fill(words, 0);
    }

    private int word(long block) {
        assert block >= 0 && block < capacity : block + " is not below " + capacity;
        return (int) (block >>> 6);
    }
}

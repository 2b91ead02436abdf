package io.pdata.core.spacemap;

import io.pdata.core.block.CorruptionException;

/**
 * Changes of counts that came up while the metadata space map was being changed, in order of arrival. The oldest stays
 * in the queue until it has been applied, because meanwhile questions for counts must still see it. Source: format
 * document "persistent-data", section 5.5.
 */
final class PendingOperations {
    /** As many as the kernel takes; sound metadata never needs nearly that many. */
    static final int CAPACITY = 1024;

    private final boolean[] increments = new boolean[CAPACITY];
    private final long[] begins = new long[CAPACITY];
    private final long[] ends = new long[CAPACITY];
    private int oldest;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    void clear() {
        size = 0;
    }

    /** Adds "one more" or "one less" for each block in {@code [begin, end)}. */
    void add(boolean increment, long begin, long end) {
        if (size == CAPACITY) {
            throw new CorruptionException(begin, MetadataSpaceMap.NAME, "changing it would take more than " + CAPACITY
                    + " changes to itself, as only a map that shares its own blocks can need");
        }
        int slot = (oldest + size) % CAPACITY;
        increments[slot] = increment;
        begins[slot] = begin;
        ends[slot] = end;
        size++;
    }

    boolean oldestIsIncrement() {
        return increments[oldest];
    }

    long oldestBegin() {
        return begins[oldest];
    }

    long oldestEnd() {
        return ends[oldest];
    }

    void dropOldest() {
        oldest = (oldest + 1) % CAPACITY;
        size--;
    }

    /** By how much the queue will change the count of {@code block}. O(size). */
    int adjustment(long block) {
        int sum = 0;
        for (int i = 0; i < size; i++) {
            int slot = (oldest + i) % CAPACITY;
            if (block >= begins[slot] && block < ends[slot]) {
                sum += increments[slot] ? 1 : -1;
            }
        }
        return sum;
    }
}

package io.pdata.tools.cache;

/**
 * A set of numbers, 0 or more, to find those that occur twice. Takes 16 to 32 bytes for each number up to {@value
 * #LIMIT} of them; further ones are not remembered. Not thread-safe.
 */
final class NumberSet {
    static final int LIMIT = 1 << 24;

    private static final int FIRST_SIZE = 64;
    private static final long MIX = 0x9E37_79B9_7F4A_7C15L;

    /** Each number plus one; open addressing, at most half full. */
    private long[] table = new long[FIRST_SIZE];
    private int size;

    /** Adds a number; returns false if it is in the set already. O(1) amortised. */
    boolean add(long number) {
        int at = place(number);
        if (table[at] != 0) {
            return false;
        }
        if (size < LIMIT) {
            table[at] = number + 1;
            size++;
            growIfHalfFull();
        }
        return true;
    }

    private int place(long number) {
        long hash = number * MIX;
        int at = (int) (hash ^ hash >>> 29) & table.length - 1;
        while (table[at] != 0 && table[at] != number + 1) {
            at = at + 1 & table.length - 1;
        }
        return at;
    }

    private void growIfHalfFull() {
        if (2 * size < table.length) {
            return;
        }
        long[] old = table;
        table = new long[2 * old.length];
        for (long entry : old) {
            if (entry != 0) {
                table[place(entry - 1)] = entry;
            }
        }
    }
}

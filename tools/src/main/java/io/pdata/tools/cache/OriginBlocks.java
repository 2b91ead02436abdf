package io.pdata.tools.cache;

import java.util.Arrays;

/**
 * Finds numbers that occur twice among any number of them, in bounded memory: in one pass if there are few, otherwise in
 * several, each of which looks at a part of the numbers only. Takes 16 to 32 bytes for each number, and at most 256 MiB.
 */
final class OriginBlocks {
    private static final int MOST_IN_PASS = 1 << 24;
    private static final long MIX = 0x9E37_79B9_7F4A_7C15L;

    private final int passes;
    private final long[] table;
    private int pass;

    /** @param count how many numbers there are at most */
    OriginBlocks(long count) {
        // Hashes spread evenly enough for the half-empty table to hold what one pass gets to see.
        this.passes = Math.toIntExact(count / MOST_IN_PASS + 1);
        long inPass = count / passes + 1;
        this.table = new long[(int) (Long.highestOneBit(inPass) << 2)];
    }

    /** How often all numbers have to be added. */
    int passes() {
        return passes;
    }

    /** Begins a pass. */
    void begin(int number) {
        pass = number;
        Arrays.fill(table, 0);
    }

    /** Adds a number, 0 or more; returns false if it has been added in this pass before. O(1). */
    boolean add(long number) {
        long hash = number * MIX;
        if (Long.remainderUnsigned(hash >>> 32, passes) != pass) {
            return true;
        }
        int at = (int) (hash ^ hash >>> 29) & table.length - 1;
        while (table[at] != 0) {
            if (table[at] == number + 1) {
                return false;
            }
            at = at + 1 & table.length - 1;
        }
        table[at] = number + 1;
        return true;
    }
}

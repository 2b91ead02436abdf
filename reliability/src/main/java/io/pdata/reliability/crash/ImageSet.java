package io.pdata.reliability.crash;

import java.util.Arrays;

/** A set of hashes of images: 8 to 16 bytes for each. */
final class ImageSet {
    private static final int MAX_CAPACITY = 1 << 26;

    private long[] table = new long[1 << 12];
    private int size;

    /** Returns whether it was not there. Once there are many millions, it begins anew. */
    boolean add(long hash) {
        long value = hash == 0 ? 1 : hash;
        if (size > table.length / 2) {
            grow();
        }
        int slot = slot(value);
        if (table[slot] == value) {
            return false;
        }
        table[slot] = value;
        size++;
        return true;
    }

    private int slot(long value) {
        int slot = (int) (value ^ value >>> 32) & table.length - 1;
        while (table[slot] != 0 && table[slot] != value) {
            slot = slot + 1 & table.length - 1;
        }
        return slot;
    }

    private void grow() {
        if (table.length == MAX_CAPACITY) {
            Arrays.fill(table, 0);
            size = 0;
            return;
        }
        long[] before = table;
        table = new long[2 * before.length];
        for (long value : before) {
            if (value != 0) {
                table[slot(value)] = value;
            }
        }
    }
}

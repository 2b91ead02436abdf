package io.pdata.tools.salvage;

import java.util.Arrays;

/**
 * Finds the most keys of a node that ascend strictly: where some are out of order, as few as possible are given up; of equal
 * ones the first is kept. Keys are unsigned. O(n log n).
 */
final class Ascent {
    private Ascent() {}

    /**
     * The longest ascending subsequence.
     *
     * @param usable of each key, whether it may be in it
     * @return of each key, whether it is
     */
    static boolean[] longest(long[] keys, boolean[] usable) {
        int[] ends = new int[keys.length]; // for each length, the key with the lowest value that such a sequence ends with
        int[] before = new int[keys.length];
        int length = 0;
        for (int i = 0; i < keys.length; i++) {
            if (!usable[i]) {
                continue;
            }
            int at = firstNotBelow(keys, ends, length, keys[i]);
            if (at < length && keys[ends[at]] == keys[i]) {
                continue;
            }
            before[i] = at == 0 ? -1 : ends[at - 1];
            ends[at] = i;
            length = Math.max(length, at + 1);
        }
        boolean[] kept = new boolean[keys.length];
        for (int i = length == 0 ? -1 : ends[length - 1]; i >= 0; i = before[i]) {
            kept[i] = true;
        }
        return kept;
    }

    /** As above, where every key may be in it. */
    static boolean[] longest(long[] keys) {
        boolean[] usable = new boolean[keys.length];
        Arrays.fill(usable, true);
        return longest(keys, usable);
    }

    private static int firstNotBelow(long[] keys, int[] ends, int length, long key) {
        int low = 0;
        int high = length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(keys[ends[middle]], key) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}

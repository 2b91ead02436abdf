package io.pdata.core.btree;

import io.pdata.core.block.Bytes;

/**
 * A B+tree node on disk: a header of 32 bytes, {@code max_entries} keys, {@code max_entries} values.
 *
 * <p>Source: format document "persistent-data", sections 6.1 and 6.2.
 */
public final class NodeLayout {
    /** The constant in a node's checksum. */
    public static final int CHECKSUM_XOR = 121107;

    public static final int CHECKSUM = 0;
    /** {@link #INTERNAL} or {@link #LEAF}. */
    public static final int FLAGS = 4;
    public static final int BLOCK_NUMBER = 8;
    public static final int NR_ENTRIES = 16;
    public static final int MAX_ENTRIES = 20;
    public static final int VALUE_SIZE = 24;
    public static final int PADDING = 28;
    public static final int KEYS = 32;

    public static final int INTERNAL = 1;
    public static final int LEAF = 2;

    public static final int KEY_SIZE = 8;
    /** What an internal node, and a leaf above the last level, has for values: block numbers. */
    public static final int POINTER_SIZE = 8;

    /** Bytes left for keys and values. */
    static final int ROOM = Bytes.BLOCK_SIZE - KEYS;
    /** No verified header says more, whatever its value size. */
    static final int MOST_ENTRIES = ROOM / KEY_SIZE;
    /** With fewer entries to a node nothing could be split or merged; every capacity is a multiple of this. */
    static final int FEWEST_ENTRIES = 3;
    /** The largest value of which {@link #FEWEST_ENTRIES} fit. */
    static final int LARGEST_VALUE = ROOM / FEWEST_ENTRIES - KEY_SIZE;

    private NodeLayout() {}

    /** How many values of a size, 1 to 1346 bytes, a node is made for; a multiple of 3. */
    public static int capacity(int valueSize) {
        if (valueSize < 1 || valueSize > LARGEST_VALUE) {
            throw new IllegalArgumentException("value size " + valueSize + " is not in 1.." + LARGEST_VALUE);
        }
        return ROOM / (KEY_SIZE + valueSize) / FEWEST_ENTRIES * FEWEST_ENTRIES;
    }
}

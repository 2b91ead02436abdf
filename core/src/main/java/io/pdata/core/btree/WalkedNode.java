package io.pdata.core.btree;

import io.pdata.core.block.Bytes;
import java.lang.foreign.MemorySegment;

/**
 * A verified node, as a {@link TreeWalker.Visitor} gets it to see: valid during the call only, or as long as its block is
 * locked. Indexes go from 0 to {@code entries() - 1}.
 *
 * <p>Keys and values are copied into arrays when they are first asked for: a walk looks at each of them more than once, and
 * a short one is over before the access to memory outside the heap has been compiled. Not thread-safe.
 */
public final class WalkedNode {
    private final long block;
    private final MemorySegment data;
    private final int entries;
    private final int valuesAt;
    private final int valueSize;
    private long[] keys;
    private long[] values;

    private WalkedNode(long block, MemorySegment data) {
        this.block = block;
        this.data = data;
        this.entries = Node.entries(data);
        this.valuesAt = NodeLayout.KEYS + Node.maxEntries(data) * NodeLayout.KEY_SIZE;
        this.valueSize = Node.valueSize(data);
    }

    /** Looks at a block that {@link NodeValidator} has passed. */
    public static WalkedNode of(long block, MemorySegment data) {
        return new WalkedNode(block, data);
    }

    /** The number of its block. */
    public long block() {
        return block;
    }

    /** Its bytes. */
    public MemorySegment data() {
        return data;
    }

    /** How many entries it has. */
    public int entries() {
        return entries;
    }

    /** The size of a value, in bytes. */
    public int valueSize() {
        return valueSize;
    }

    /** Whether this is a leaf, not an internal node. */
    public boolean isLeaf() {
        return Node.isLeaf(data);
    }

    public long key(int index) {
        return keys()[index];
    }

    /** Where a value is, in bytes. */
    public long valueOffset(int index) {
        return valuesAt + (long) index * valueSize;
    }

    /** A value of 8 bytes; in an internal node, the number of a child. */
    public long longValue(int index) {
        return values()[index];
    }

    /** All values, which are of 8 bytes each: an array that the caller may change. */
    public long[] longValues() {
        return values().clone();
    }

    /** The first key that is not above the one before it, or -1. */
    public int firstNotAscending() {
        long[] all = keys();
        for (int i = 1; i < all.length; i++) {
            if (all[i - 1] + Long.MIN_VALUE >= all[i] + Long.MIN_VALUE) { // unsigned
                return i;
            }
        }
        return -1;
    }

    private long[] keys() {
        if (keys == null) {
            keys = numbers(NodeLayout.KEYS);
        }
        return keys;
    }

    private long[] values() {
        if (values == null) {
            values = numbers(valuesAt);
        }
        return values;
    }

    private long[] numbers(int offset) {
        long[] numbers = new long[Math.min(entries, (Bytes.BLOCK_SIZE - offset) / Long.BYTES)];
        MemorySegment.copy(data, Bytes.U64, offset, numbers, 0, numbers.length);
        return numbers;
    }
}

package io.pdata.core.btree;

import static io.pdata.core.btree.NodeLayout.FEWEST_ENTRIES;
import static io.pdata.core.btree.NodeLayout.FLAGS;
import static io.pdata.core.btree.NodeLayout.INTERNAL;
import static io.pdata.core.btree.NodeLayout.KEYS;
import static io.pdata.core.btree.NodeLayout.KEY_SIZE;
import static io.pdata.core.btree.NodeLayout.LEAF;
import static io.pdata.core.btree.NodeLayout.MAX_ENTRIES;
import static io.pdata.core.btree.NodeLayout.MOST_ENTRIES;
import static io.pdata.core.btree.NodeLayout.NR_ENTRIES;
import static io.pdata.core.btree.NodeLayout.POINTER_SIZE;
import static io.pdata.core.btree.NodeLayout.VALUE_SIZE;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import java.lang.foreign.MemorySegment;

/**
 * The content of a node: reading, searching, and moving entries.
 *
 * <p>Reading is safe on torn bytes (optimistic reads, see {@link Block}): whatever the header says, no offset leaves the
 * block. Changing is for nodes that are locked and have passed {@link #check}.
 *
 * <p>Moves copy entries and leave the old bytes in the slots they came from. Those bytes are on disk and under the
 * checksum, so a byte-exact writer has to leave the same ones (format document, section 9.2).
 */
final class Node {
    /** Into how many parts one round of a search divides a node. */
    private static final int WAYS = 8;
    /** Lossless for verified counts, all below 512, and keeps torn ones small and positive. */
    private static final int COUNT_MASK = 511;

    private Node() {}

    static boolean isLeaf(MemorySegment node) {
        return node.get(Bytes.U32, FLAGS) == LEAF;
    }

    static int entries(MemorySegment node) {
        return Math.min(node.get(Bytes.U32, NR_ENTRIES) & COUNT_MASK, MOST_ENTRIES);
    }

    static int maxEntries(MemorySegment node) {
        return node.get(Bytes.U32, MAX_ENTRIES) & COUNT_MASK;
    }

    static int valueSize(MemorySegment node) {
        return node.get(Bytes.U32, VALUE_SIZE);
    }

    static boolean isFull(MemorySegment node) {
        return entries(node) == maxEntries(node);
    }

    static long key(MemorySegment node, int index) {
        return node.get(Bytes.U64, KEYS + (long) index * KEY_SIZE);
    }

    /** Where value {@code index} of {@code size} bytes is. */
    static long valueOffset(MemorySegment node, int index, int size) {
        long offset = KEYS + (long) maxEntries(node) * KEY_SIZE + (long) index * size;
        return Math.min(offset, Bytes.BLOCK_SIZE - size);
    }

    /** A value of 8 bytes: a child of an internal node, the root of a sub-tree, or plain content. */
    static long longValue(MemorySegment node, int index) {
        return node.get(Bytes.U64, valueOffset(node, index, POINTER_SIZE));
    }

    /**
     * The index of the largest key at or below {@code key}, or -1. O(log entries).
     *
     * <p>Divides by eight rather than by two: the seven keys of a round do not wait for each other, so that a node that is
     * in no processor cache costs about three times the latency of memory instead of six.
     */
    static int lower(MemorySegment node, long key) {
        int length = entries(node);
        if (length == 0) {
            return -1;
        }
        long wanted = key ^ Long.MIN_VALUE;
        int base = 0;
        while (length > 1) {
            int stride = (length + WAYS - 1) / WAYS;
            int passed = 0;
            for (int at = stride; at < length; at += stride) {
                passed += (key(node, base + at) ^ Long.MIN_VALUE) <= wanted ? stride : 0;
            }
            base += passed;
            length = Math.min(stride, length - passed);
        }
        return (key(node, base) ^ Long.MIN_VALUE) > wanted ? -1 : base;
    }

    /** The index of the smallest key at or above {@code key}, or the number of entries. */
    static int upper(MemorySegment node, long key) {
        int below = lower(node, key);
        return below >= 0 && key(node, below) == key ? below : below + 1;
    }

    static boolean holds(MemorySegment node, int index, long key) {
        return index >= 0 && index < entries(node) && key(node, index) == key;
    }

    /**
     * Makes sure of what the validator cannot know.
     *
     * @param valueSize what a leaf's values must have
     */
    static void check(Block block, int valueSize) {
        MemorySegment node = block.data();
        boolean leaf = isLeaf(node);
        int expected = leaf ? valueSize : POINTER_SIZE;
        if (valueSize(node) != expected) {
            throw corrupt(block, (leaf ? "a leaf here has values of " : "an internal node has values of ") + expected
                    + " bytes, this one of " + Integer.toUnsignedString(valueSize(node)));
        }
        if (!leaf && entries(node) == 0) {
            throw corrupt(block, "an internal node without entries");
        }
        if (maxEntries(node) < FEWEST_ENTRIES) {
            throw corrupt(block, "max_entries is " + maxEntries(node) + ", below " + FEWEST_ENTRIES);
        }
    }

    /** Makes sure that entries can be moved between two siblings. */
    static void checkAlike(Block block, Block sibling) {
        MemorySegment a = block.data();
        MemorySegment b = sibling.data();
        if (isLeaf(a) != isLeaf(b) || maxEntries(a) != maxEntries(b) || valueSize(a) != valueSize(b)) {
            throw corrupt(block, "differs from its sibling, block " + sibling.number() + ": " + shape(a) + " beside "
                    + shape(b));
        }
    }

    static CorruptionException corrupt(Block block, String problem) {
        return new CorruptionException(block.number(), NodeValidator.NODE.type(), problem);
    }

    private static String shape(MemorySegment node) {
        return (isLeaf(node) ? "leaf of " : "internal node of ") + maxEntries(node) + " times " + valueSize(node)
                + " bytes";
    }

    /** Writes the header of an empty node into a cleared block. */
    static void format(MemorySegment node, int flags, int maxEntries, int valueSize) {
        node.set(Bytes.U32, FLAGS, flags);
        node.set(Bytes.U32, NR_ENTRIES, 0);
        node.set(Bytes.U32, MAX_ENTRIES, maxEntries);
        node.set(Bytes.U32, VALUE_SIZE, valueSize);
    }

    /** Writes the header of an empty node of the same kind as another. */
    static void formatLike(MemorySegment node, MemorySegment other) {
        format(node, other.get(Bytes.U32, FLAGS), maxEntries(other), valueSize(other));
    }

    /** Turns a node into an empty internal one; what was in it stays as leftovers. */
    static void becomeInternal(MemorySegment node) {
        format(node, INTERNAL, NodeLayout.capacity(POINTER_SIZE), POINTER_SIZE);
    }

    static void setEntries(MemorySegment node, int count) {
        node.set(Bytes.U32, NR_ENTRIES, count);
    }

    static void setKey(MemorySegment node, int index, long key) {
        node.set(Bytes.U64, KEYS + (long) index * KEY_SIZE, key);
    }

    static void setLongValue(MemorySegment node, int index, long value) {
        node.set(Bytes.U64, valueOffset(node, index, POINTER_SIZE), value);
    }

    /** Inserts an entry with a pointer for a value. */
    static void insertPointer(Block block, int index, long key, long pointer) {
        openSlot(block, index, key);
        setLongValue(block.data(), index, pointer);
    }

    /** Inserts an entry whose value is at the start of {@code value}. */
    static void insert(Block block, int index, long key, MemorySegment value) {
        openSlot(block, index, key);
        MemorySegment node = block.data();
        int size = valueSize(node);
        MemorySegment.copy(value, 0, node, valueOffset(node, index, size), size);
    }

    private static void openSlot(Block block, int index, long key) {
        MemorySegment node = block.data();
        int entries = entries(node);
        if (entries >= maxEntries(node) || index > entries) {
            throw corrupt(block, "no room for entry " + index + " beside " + entries + " of " + maxEntries(node));
        }
        copyEntries(node, index, node, index + 1, entries - index);
        setKey(node, index, key);
        setEntries(node, entries + 1);
    }

    static void delete(MemorySegment node, int index) {
        int entries = entries(node);
        copyEntries(node, index + 1, node, index, entries - index - 1);
        setEntries(node, entries - 1);
    }

    /** Copies entries, of the same size, within a node or from one to another; the counts stay as they are. */
    static void copyEntries(MemorySegment from, int fromIndex, MemorySegment to, int toIndex, int count) {
        if (count <= 0) {
            return;
        }
        int size = valueSize(from);
        MemorySegment.copy(from, KEYS + (long) fromIndex * KEY_SIZE, to, KEYS + (long) toIndex * KEY_SIZE,
                (long) count * KEY_SIZE);
        long fromValues = KEYS + (long) maxEntries(from) * KEY_SIZE;
        long toValues = KEYS + (long) maxEntries(to) * KEY_SIZE;
        MemorySegment.copy(from, fromValues + (long) fromIndex * size, to, toValues + (long) toIndex * size,
                (long) count * size);
    }

    /** Moves the first {@code count} entries of {@code right} to the end of {@code left}. */
    static void moveToLeft(MemorySegment left, MemorySegment right, int count) {
        int inLeft = entries(left);
        int inRight = entries(right);
        copyEntries(right, 0, left, inLeft, count);
        copyEntries(right, count, right, 0, inRight - count);
        setEntries(left, inLeft + count);
        setEntries(right, inRight - count);
    }

    /** Moves the last {@code count} entries of {@code left} to the front of {@code right}. */
    static void moveToRight(MemorySegment left, MemorySegment right, int count) {
        int inLeft = entries(left);
        int inRight = entries(right);
        copyEntries(right, 0, right, count, inRight);
        copyEntries(left, inLeft - count, right, 0, count);
        setEntries(left, inLeft - count);
        setEntries(right, inRight + count);
    }
}

package io.pdata.tools.build;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.SharedLeaves;
import io.pdata.core.btree.TreeBuilder;
import java.lang.foreign.MemorySegment;

/**
 * Writes an array from its first value to its last. Memory: a block of values, and 16 bytes for each 252 blocks of the array.
 * Not thread-safe. Source: format document "persistent-data", section 10.
 */
public final class ArrayWriter {
    private final MetadataWriter out;
    private final int valueSize;
    private final int capacity;
    private final TreeBuilder tree;
    private final MemorySegment values;
    private int pending;
    private long blocks;

    /** @param valueSize 4 or 8 */
    public ArrayWriter(MetadataWriter out, int valueSize) {
        this.out = out;
        this.valueSize = valueSize;
        this.capacity = ArrayBlock.capacity(valueSize);
        this.tree = new TreeBuilder(out, SharedLeaves.NONE, Long.BYTES);
        this.values = MemorySegment.ofArray(new byte[capacity * valueSize]);
    }

    /** How many values there are. */
    public long length() {
        return blocks * capacity + pending;
    }

    /** Adds a value of 8 bytes. */
    public void addLong(long value) {
        makeRoom();
        values.set(Bytes.U64, (long) pending++ * Long.BYTES, value);
    }

    /** Adds a value of 4 bytes. */
    public void addInt(int value) {
        makeRoom();
        values.set(Bytes.U32, (long) pending++ * Integer.BYTES, value);
    }

    /** Adds zeroes until there are so many values. */
    public void fillTo(long length) {
        while (length() < length) {
            makeRoom();
            int n = (int) Math.min(capacity - pending, length - length());
            values.asSlice((long) pending * valueSize, (long) n * valueSize).fill((byte) 0);
            pending += n;
        }
    }

    /** Writes what is left and the tree; returns its root. Nothing can be added afterwards. */
    public long finish() {
        if (pending > 0) {
            writeBlock();
        }
        return tree.finish().block();
    }

    private void makeRoom() {
        if (pending == capacity) {
            writeBlock();
        }
    }

    private void writeBlock() {
        long number = out.append(ArrayBlock.VALIDATOR, block -> {
            ArrayBlock.initialise(block, valueSize);
            ArrayBlock.setEntries(block, pending);
            MemorySegment.copy(values, 0, block, ArrayBlock.valueOffset(0, valueSize), (long) pending * valueSize);
        });
        tree.addLong(blocks++, number);
        pending = 0;
    }
}

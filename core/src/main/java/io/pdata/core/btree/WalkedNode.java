package io.pdata.core.btree;

import io.pdata.core.block.Bytes;
import java.lang.foreign.MemorySegment;

/**
 * A verified node, as a {@link TreeWalker.Visitor} gets it to see: valid during the call only, or as long as its block is
 * locked. Indexes go from 0 to {@code entries() - 1}.
 *
 * @param block the number of its block
 * @param data its bytes
 * @param entries how many entries it has
 * @param values where its values begin, in bytes
 * @param valueSize the size of a value, in bytes
 */
public record WalkedNode(long block, MemorySegment data, int entries, int values, int valueSize) {

    /** Looks at a block that {@link NodeValidator} has passed. */
    public static WalkedNode of(long block, MemorySegment data) {
        return new WalkedNode(block, data, Node.entries(data),
                NodeLayout.KEYS + Node.maxEntries(data) * NodeLayout.KEY_SIZE, Node.valueSize(data));
    }

    /** Whether this is a leaf, not an internal node. */
    public boolean isLeaf() {
        return Node.isLeaf(data);
    }

    public long key(int index) {
        return data.get(Bytes.U64, NodeLayout.KEYS + (long) index * NodeLayout.KEY_SIZE);
    }

    /** Where a value is, in bytes. */
    public long valueOffset(int index) {
        return values + (long) index * valueSize;
    }

    /** A value of 8 bytes; in an internal node, the number of a child. */
    public long longValue(int index) {
        return data.get(Bytes.U64, values + (long) index * Long.BYTES);
    }
}

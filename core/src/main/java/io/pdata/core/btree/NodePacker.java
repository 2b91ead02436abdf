package io.pdata.core.btree;

import io.pdata.core.block.Block;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Writes ascending entries into the nodes of one height, from left to right: full ones while two nodes' worth of entries
 * are pending; what is left at the end goes into one node if it fits, and else into two that are equally full.
 */
final class NodePacker {
    private final TransactionManager transactions;
    private final int flags;
    private final int valueSize;
    private final int capacity;

    // Entries that are not in a node yet: room for those of two.
    private final long[] keys;
    private final MemorySegment values;
    private int pending;

    // The nodes written so far: their first keys and where they are.
    private long[] nodeKeys = new long[16];
    private long[] nodeBlocks = new long[16];
    private int nodes;

    NodePacker(TransactionManager transactions, int flags, int valueSize) {
        this.transactions = transactions;
        this.flags = flags;
        this.valueSize = valueSize;
        this.capacity = NodeLayout.capacity(valueSize);
        this.keys = new long[2 * capacity];
        this.values = MemorySegment.ofArray(new byte[2 * capacity * valueSize]);
    }

    int nodes() {
        return nodes;
    }

    long nodeKey(int index) {
        return nodeKeys[index];
    }

    long nodeBlock(int index) {
        return nodeBlocks[index];
    }

    void add(long key, MemorySegment source, long offset) {
        if (pending == keys.length) {
            writeNode(0, capacity);
            pending -= capacity;
            System.arraycopy(keys, capacity, keys, 0, pending);
            MemorySegment.copy(values, (long) capacity * valueSize, values, 0, (long) pending * valueSize);
        }
        keys[pending] = key;
        MemorySegment.copy(source, offset, values, (long) pending * valueSize, valueSize);
        pending++;
    }

    /** Writes what is pending; an empty leaf if there has been nothing at all. */
    void finish() {
        if (pending > capacity) {
            int half = pending / 2;
            writeNode(0, half);
            writeNode(half, pending - half);
        } else {
            writeNode(0, pending); // the only node: once one has been written, more than another is pending
        }
        pending = 0;
    }

    private void writeNode(int from, int count) {
        if (nodes == nodeKeys.length) {
            nodeKeys = Arrays.copyOf(nodeKeys, 2 * nodes);
            nodeBlocks = Arrays.copyOf(nodeBlocks, 2 * nodes);
        }
        try (Block block = transactions.newBlock(NodeValidator.NODE)) {
            MemorySegment node = block.data();
            Node.format(node, flags, capacity, valueSize);
            for (int i = 0; i < count; i++) {
                Node.setKey(node, i, keys[from + i]);
            }
            MemorySegment.copy(values, (long) from * valueSize, node, Node.valueOffset(node, 0, valueSize),
                    (long) count * valueSize);
            Node.setEntries(node, count);
            nodeKeys[nodes] = keys[from];
            nodeBlocks[nodes] = block.number();
            nodes++;
        }
    }
}

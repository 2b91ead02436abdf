package io.pdata.core.btree;

import io.pdata.core.block.BlockAppender;
import io.pdata.core.block.Bytes;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Writes ascending entries into the nodes of one height, from left to right: full ones while two nodes' worth of entries
 * are pending; what is left at the end goes into one node if it fits, and else into two that are equally full.
 *
 * <p>Between entries, leaves that have been written before can be put. The entries pending before them then end their node
 * early; where that would leave it less than half full it takes in the entries of its neighbour instead.
 */
final class NodePacker {
    private final BlockAppender blocks;
    private final int flags;
    private final int valueSize;
    private final int capacity;

    // Entries that are not in a node yet: room for those of two.
    private final long[] keys;
    private final MemorySegment values;
    private int pending;

    // The nodes so far: their first keys and where they are.
    private long[] nodeKeys = new long[16];
    private long[] nodeBlocks = new long[16];
    private int nodes;
    private boolean lastIsShared;
    private int lastCount;

    NodePacker(BlockAppender blocks, int flags, int valueSize) {
        this.blocks = blocks;
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

    private int half() {
        return capacity / 2;
    }

    void add(long key, MemorySegment source, long offset) {
        makeRoom();
        keys[pending] = key;
        MemorySegment.copy(source, offset, values, (long) pending * valueSize, valueSize);
        pending++;
    }

    /** As {@link #add}, for 8-byte values. */
    void addLong(long key, long value) {
        makeRoom();
        keys[pending] = key;
        values.set(Bytes.U64, (long) pending * Long.BYTES, value);
        pending++;
    }

    private void makeRoom() {
        if (pending == keys.length) {
            writeNode(0, capacity);
            pending -= capacity;
            System.arraycopy(keys, capacity, keys, 0, pending);
            MemorySegment.copy(values, (long) capacity * valueSize, values, 0, (long) pending * valueSize);
        }
    }

    /** Puts a run in this place; its keys are above those before. */
    void addRun(LeafRun run, SharedLeaves shared) {
        if (run.leaves() == 0) {
            return;
        }
        int first = 0;
        if (run.small() || pending > 0 && pending < half()) {
            copyAfter(run.block(0), shared);
            first = 1;
        }
        if (first < run.leaves()) {
            flush();
            for (int i = first; i < run.leaves(); i++) {
                shared.share(run.block(i));
                note(run.key(i), run.block(i));
            }
            lastIsShared = true;
        }
    }

    /** Adds the entries of a leaf to those pending. */
    private void copyAfter(long leaf, SharedLeaves shared) {
        shared.copy(leaf, node -> {
            for (int i = 0; i < Node.entries(node); i++) {
                add(Node.key(node, i), node, Node.valueOffset(node, i, valueSize));
            }
        });
    }

    /** Takes the last leaf, which is shared, back into the entries pending, before the few that are there. */
    private void takeBack(SharedLeaves shared) {
        long leaf = nodeBlocks[nodes - 1];
        shared.copy(leaf, node -> {
            int n = Node.entries(node);
            System.arraycopy(keys, 0, keys, n, pending);
            MemorySegment.copy(values, 0, values, (long) n * valueSize, (long) pending * valueSize);
            for (int i = 0; i < n; i++) {
                keys[i] = Node.key(node, i);
            }
            MemorySegment.copy(node, Node.valueOffset(node, 0, valueSize), values, 0, (long) n * valueSize);
            pending += n;
        });
        shared.unshare(leaf);
        nodes--;
        lastIsShared = false;
    }

    /** Writes what is pending, and makes a run of the leaves, none of which is shared yet; none if there has been nothing. */
    LeafRun finishRun(long lastKey) {
        flush();
        return new Run(Arrays.copyOf(nodeKeys, nodes), Arrays.copyOf(nodeBlocks, nodes), lastKey,
                nodes == 1 && lastCount < half());
    }

    private record Run(long[] keys, long[] blocks, long lastKey, boolean small) implements LeafRun {
        @Override
        public int leaves() {
            return blocks.length;
        }

        @Override
        public long block(int i) {
            return blocks[i];
        }

        @Override
        public long key(int i) {
            return keys[i];
        }
    }

    /** Writes what is pending; an empty leaf if there has been nothing at all. */
    void finish(SharedLeaves shared) {
        if (pending > 0 && pending < half() && lastIsShared) {
            takeBack(shared);
        }
        if (nodes == 0 && pending == 0) {
            writeNode(0, 0);
        } else {
            flush();
        }
    }

    private void flush() {
        if (pending > capacity) {
            int half = pending / 2;
            writeNode(0, half);
            writeNode(half, pending - half);
        } else if (pending > 0) {
            writeNode(0, pending);
        }
        pending = 0;
    }

    private void writeNode(int from, int count) {
        long block = blocks.append(NodeValidator.NODE, node -> fill(node, from, count));
        note(keys[from], block);
        lastIsShared = false;
        lastCount = count;
    }

    private void fill(MemorySegment node, int from, int count) {
        Node.format(node, flags, capacity, valueSize);
        MemorySegment.copy(keys, from, node, Bytes.U64, NodeLayout.KEYS, count);
        MemorySegment.copy(values, (long) from * valueSize, node, Node.valueOffset(node, 0, valueSize),
                (long) count * valueSize);
        Node.setEntries(node, count);
    }

    private void note(long key, long block) {
        if (nodes == nodeKeys.length) {
            nodeKeys = Arrays.copyOf(nodeKeys, 2 * nodes);
            nodeBlocks = Arrays.copyOf(nodeBlocks, 2 * nodes);
        }
        nodeKeys[nodes] = key;
        nodeBlocks[nodes] = block;
        nodes++;
    }
}

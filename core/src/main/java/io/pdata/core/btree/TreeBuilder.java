package io.pdata.core.btree;

import io.pdata.core.block.Block;
import io.pdata.core.block.BlockAppender;
import io.pdata.core.transaction.TransactionManager;
import io.pdata.core.transaction.TransactionState;
import java.lang.foreign.MemorySegment;

/**
 * Builds a one-level tree from ascending entries, much faster and denser than insertion could: every node is written
 * once, and all but the last two of each height are full. All leaves are allocated before the nodes above them, height
 * by height.
 *
 * <p>Several trees can have leaves in common: {@link #finishRun} makes leaves without a tree, and {@link #addRun} puts them
 * into one.
 *
 * <p>Not thread-safe; used by the one writer, for one tree. Keeps 16 bytes in memory for each leaf. Source: format
 * document "tools-xml", section 5.
 */
public final class TreeBuilder {
    private final BlockAppender blocks;
    private final SharedLeaves shared;
    private final NodePacker leaves;
    private final int valueSize;
    private boolean empty = true;
    private boolean finished;
    private long lastKey;

    /** @param type what the values are; the references that they hold are handed over to the tree */
    public TreeBuilder(TransactionManager transactions, ValueType type) {
        this((validator, content) -> {
            try (TransactionState change = transactions.change(); Block block = transactions.newBlock(validator)) {
                content.accept(block.data());
                change.complete();
                return block.number();
            }
        }, SharedLeaves.NONE, type.size());
    }

    /**
     * Builds a tree of blocks that somebody else gives.
     *
     * @param valueSize bytes of a value
     */
    public TreeBuilder(BlockAppender blocks, SharedLeaves shared, int valueSize) {
        this.blocks = blocks;
        this.shared = shared;
        this.valueSize = valueSize;
        this.leaves = new NodePacker(blocks, NodeLayout.LEAF, valueSize);
    }

    /**
     * Adds an entry. O(1) amortised.
     *
     * @param key above all before
     * @param source has the value, from {@code offset} on
     * @throws io.pdata.core.space.NoSpaceException if there is no block for a node
     */
    public void add(long key, MemorySegment source, long offset) {
        follow(key, key);
        leaves.add(key, source, offset);
    }

    private void follow(long firstKey, long newLastKey) {
        if (finished) {
            throw new IllegalStateException("the tree is finished");
        }
        if (!ascendsTo(firstKey)) {
            throw new IllegalArgumentException("key " + Long.toUnsignedString(firstKey) + " does not ascend from "
                    + Long.toUnsignedString(lastKey));
        }
        lastKey = newLastKey;
        empty = false;
    }

    /** Whether an entry with this key could be added now. */
    public boolean ascendsTo(long key) {
        return empty || Long.compareUnsigned(key, lastKey) > 0;
    }

    /** As {@link #add}, for 8-byte values. */
    public void addLong(long key, long value) {
        if (valueSize != Long.BYTES) {
            throw new IllegalStateException("the values of this tree have " + valueSize + " bytes, not 8");
        }
        follow(key, key);
        leaves.addLong(key, value);
    }

    /**
     * Adds the entries of leaves that are there already. The leaves become part of the tree as they are, but where a
     * neighbour would be less than half full their entries are copied.
     *
     * @param run its keys are above all before
     */
    public void addRun(LeafRun run) {
        if (run.leaves() > 0) {
            follow(run.key(0), run.lastKey());
            leaves.addRun(run, shared);
        }
    }

    /** Writes what is left and hands out the leaves instead of a tree. Nothing can be added afterwards. */
    public LeafRun finishRun() {
        end();
        return leaves.finishRun(lastKey);
    }

    /** Writes what is left and the nodes above the leaves. Nothing can be added afterwards. */
    public TreeRoot finish() {
        end();
        leaves.finish(shared);
        NodePacker height = leaves;
        while (height.nodes() > 1) {
            NodePacker above = new NodePacker(blocks, NodeLayout.INTERNAL, NodeLayout.POINTER_SIZE);
            for (int i = 0; i < height.nodes(); i++) {
                above.addLong(height.nodeKey(i), height.nodeBlock(i));
            }
            above.finish(SharedLeaves.NONE);
            height = above;
        }
        return new TreeRoot(height.nodeBlock(0));
    }

    private void end() {
        if (finished) {
            throw new IllegalStateException("the tree is finished");
        }
        finished = true;
    }
}

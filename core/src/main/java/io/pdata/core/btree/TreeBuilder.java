package io.pdata.core.btree;

import io.pdata.core.block.Bytes;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;

/**
 * Builds a one-level tree from ascending entries, much faster and denser than insertion could: every node is written
 * once, and all but the last two of each height are full. All leaves are allocated before the nodes above them, height
 * by height.
 *
 * <p>Not thread-safe; used by the one writer, for one tree. Keeps 16 bytes in memory for each leaf. Source: format
 * document "tools-xml", section 5.
 */
public final class TreeBuilder {
    private final TransactionManager transactions;
    private final NodePacker leaves;
    private final int valueSize;
    private final MemorySegment longValue = MemorySegment.ofArray(new byte[Long.BYTES]);
    private boolean empty = true;
    private boolean finished;
    private long lastKey;

    /** @param type what the values are; the references that they hold are handed over to the tree */
    public TreeBuilder(TransactionManager transactions, ValueType type) {
        this.transactions = transactions;
        this.valueSize = type.size();
        this.leaves = new NodePacker(transactions, NodeLayout.LEAF, valueSize);
    }

    /**
     * Adds an entry. O(1) amortised.
     *
     * @param key above all before
     * @param source has the value, from {@code offset} on
     * @throws io.pdata.core.space.NoSpaceException if there is no block for a node
     */
    public void add(long key, MemorySegment source, long offset) {
        if (finished) {
            throw new IllegalStateException("the tree is finished");
        }
        if (!empty && Long.compareUnsigned(key, lastKey) <= 0) {
            throw new IllegalArgumentException("key " + Long.toUnsignedString(key) + " does not ascend from "
                    + Long.toUnsignedString(lastKey));
        }
        leaves.add(key, source, offset);
        lastKey = key;
        empty = false;
    }

    /** As {@link #add}, for 8-byte values. */
    public void addLong(long key, long value) {
        if (valueSize != Long.BYTES) {
            throw new IllegalStateException("the values of this tree have " + valueSize + " bytes, not 8");
        }
        longValue.set(Bytes.U64, 0, value);
        add(key, longValue, 0);
    }

    /** Writes what is left and the nodes above the leaves. Nothing can be added afterwards. */
    public TreeRoot finish() {
        if (finished) {
            throw new IllegalStateException("the tree is finished");
        }
        finished = true;
        leaves.finish();
        NodePacker height = leaves;
        while (height.nodes() > 1) {
            NodePacker above = new NodePacker(transactions, NodeLayout.INTERNAL, NodeLayout.POINTER_SIZE);
            for (int i = 0; i < height.nodes(); i++) {
                longValue.set(Bytes.U64, 0, height.nodeBlock(i));
                above.add(height.nodeKey(i), longValue, 0);
            }
            above.finish();
            height = above;
        }
        return new TreeRoot(height.nodeBlock(0));
    }
}

package io.pdata.core.btree;

import io.pdata.core.block.Block;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.transaction.ChildReferences;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;

/**
 * One level of a nested tree, as the writer sees it: how its nodes are shadowed, and what their copies refer to. At all
 * levels but the last the values are the roots of the trees of the next level.
 */
final class Level implements ChildReferences {
    private final TransactionManager transactions;
    private final ValueType type;
    private final int valueSize;

    Level(TransactionManager transactions, ValueType type) {
        this.transactions = transactions;
        this.type = type;
        this.valueSize = type.size();
    }

    ValueType type() {
        return type;
    }

    /** Makes a node changeable; see {@link TransactionManager#shadow}. */
    Block shadow(long block) {
        Block node = transactions.shadow(block, NodeValidator.NODE, this);
        try {
            Node.check(node, valueSize);
            return node;
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
    }

    /** Makes the node that a slot of {@code parent} points at changeable, and has the slot point at the result. */
    Block shadowChild(Block parent, int slot) {
        try {
            Block child = shadow(Node.longValue(parent.data(), slot));
            Node.setLongValue(parent.data(), slot, child.number());
            return child;
        } catch (CorruptionException e) {
            throw e.via("slot " + slot + " of node " + parent.number());
        }
    }

    /** Locks the node that a slot of {@code parent} points at for reading. */
    Block readChild(Block parent, int slot) {
        try {
            Block child = transactions.readLock(Node.longValue(parent.data(), slot), NodeValidator.NODE);
            try {
                Node.check(child, valueSize);
                return child;
            } catch (RuntimeException e) {
                child.close();
                throw e;
            }
        } catch (CorruptionException e) {
            throw e.via("slot " + slot + " of node " + parent.number());
        }
    }

    /** A new, empty leaf. */
    Block newLeaf() {
        Block leaf = transactions.newBlock(NodeValidator.NODE);
        Node.format(leaf.data(), NodeLayout.LEAF, NodeLayout.capacity(valueSize), valueSize);
        return leaf;
    }

    @Override
    public void increment(Block copy) {
        Node.check(copy, valueSize);
        MemorySegment node = copy.data();
        int entries = Node.entries(node);
        if (Node.isLeaf(node)) {
            type.inc(node, Node.valueOffset(node, 0, valueSize), entries);
        } else {
            ValueRuns.forEach(node, Node.valueOffset(node, 0, NodeLayout.POINTER_SIZE), entries, 0,
                    transactions::inc);
        }
    }
}

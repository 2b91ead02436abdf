package io.pdata.core.btree;

import io.pdata.core.block.Block;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.transaction.BlockReader;
import java.util.Arrays;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;

/**
 * Walks one-level trees node by node, leaving out what nobody wants to see: the cost is that of the nodes visited, however
 * large the tree is.
 *
 * <p>Used over a committed state, by any number of threads. Errors: {@link CorruptionException}.
 */
public final class NodeWalk {
    private final BTreeReader reader;
    private final int valueSize;

    /** @param valueSize the size of the values in the leaves, in bytes */
    public NodeWalk(BlockReader blocks, int valueSize) {
        this.reader = new BTreeReader(blocks, 1, valueSize);
        this.valueSize = valueSize;
    }

    /** Gets the leaves to see. */
    @FunctionalInterface
    public interface LeafVisitor {
        /** @param leaf valid during the call only */
        void leaf(WalkedNode leaf);
    }

    /**
     * Visits the leaves below a root from left to right.
     *
     * @param enter asked for each node, from the root on, before it is read; nothing below a node that is refused is looked
     *        at
     */
    public void leaves(long root, LongPredicate enter, LeafVisitor visitor) {
        visit(root, enter, visitor, 0);
    }

    private void visit(long block, LongPredicate enter, LeafVisitor visitor, int depth) {
        if (depth == BTreeReader.MAX_DEPTH) {
            throw BTreeReader.tooDeep(block);
        }
        if (enter.test(block)) {
            for (long child : childrenOrVisit(block, visitor)) {
                visit(child, enter, visitor, depth + 1);
            }
        }
    }

    /** Gets the unreadable parts of a tree. */
    @FunctionalInterface
    public interface DamageVisitor {
        /**
         * @param first the first key that the node may hold
         * @param last the last one, unsigned
         * @param damage why it cannot be read
         */
        void damaged(long first, long last, CorruptionException damage);
    }

    /**
     * Visits the leaves below a root that can be read, from left to right, and reports the others. O(nodes).
     *
     * @param damage between the leaves before and after it
     */
    public void readableLeaves(long root, LeafVisitor visitor, DamageVisitor damage) {
        visitReadable(root, 0, -1, visitor, damage, 0);
    }

    private void visitReadable(long block, long first, long last, LeafVisitor visitor, DamageVisitor damage,
            int depth) {
        if (depth == BTreeReader.MAX_DEPTH) {
            damage.damaged(first, last, BTreeReader.tooDeep(block));
            return;
        }
        long[] keys;
        long[] children;
        boolean visiting = false;
        try (Block locked = reader.lock(block, valueSize)) {
            WalkedNode node = WalkedNode.of(block, locked.data());
            if (node.isLeaf()) {
                visiting = true;
                visitor.leaf(node);
                return;
            }
            keys = new long[node.entries()];
            Arrays.setAll(keys, node::key);
            children = node.longValues();
        } catch (CorruptionException e) {
            if (visiting) {
                throw e;
            }
            damage.damaged(first, last, e);
            return;
        }
        for (int i = 0; i < children.length; i++) {
            visitReadable(children[i], i == 0 ? first : keys[i], i + 1 < keys.length ? keys[i + 1] - 1 : last, visitor,
                    damage, depth + 1);
        }
    }

    /** Shows the children of an internal node, from left to right; a leaf has none. */
    public void children(long block, LongConsumer visitor) {
        for (long child : childrenOrVisit(block, _ -> {})) {
            visitor.accept(child);
        }
    }

    /** The children of an internal node; none of a leaf, which has been shown to the visitor. */
    private long[] childrenOrVisit(long block, LeafVisitor visitor) {
        try (Block locked = reader.lock(block, valueSize)) {
            WalkedNode node = WalkedNode.of(block, locked.data());
            if (node.isLeaf()) {
                visitor.leaf(node);
                return new long[0];
            }
            long[] children = new long[node.entries()];
            for (int i = 0; i < children.length; i++) {
                children[i] = node.longValue(i);
            }
            return children;
        }
    }

    /** Whether all nodes on the way from the root to the leaf where a key is, or would be, are as asked for. */
    public boolean allOnPath(long root, long key, LongPredicate wanted) {
        long block = root;
        for (int depth = 0; depth < BTreeReader.MAX_DEPTH; depth++) {
            if (!wanted.test(block)) {
                return false;
            }
            try (Block locked = reader.lock(block, valueSize)) {
                int slot = Node.lower(locked.data(), key);
                if (Node.isLeaf(locked.data()) || slot < 0) {
                    return true;
                }
                block = Node.longValue(locked.data(), slot);
            }
        }
        throw BTreeReader.tooDeep(block);
    }
}

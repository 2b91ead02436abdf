package io.pdata.core.btree;

import io.pdata.core.block.Block;
import io.pdata.core.block.CorruptionException;
import java.lang.foreign.MemorySegment;

/**
 * Compares two one-level trees with 8-byte values by going through both at once. Where both have the very same node, all
 * that is below it is the same, and is not looked at: comparing a tree with a clone of it costs what has been changed
 * since, however large they are.
 *
 * <p>Holds read locks on two paths from a root to a leaf. The nodes of a path are at most {@value BTreeReader#MAX_DEPTH};
 * in a damaged tree no more nodes are met than there are blocks. Not thread-safe; many comparisons may run at a time.
 *
 * <p>Invariant: each side stands before an item - a node that has not been entered yet, or an entry - and all keys below
 * that of the item have been dealt with. The key that a node has in its parent is at or below all keys in it, but need not
 * be one of them: the side with the smaller key goes on first, and at equal keys the taller one, so that a node that both
 * have is found to be the same unless something differs right before it.
 *
 * <p>Source: format document, sections 6 and 7.
 */
public final class TreeComparison {
    private final Side left;
    private final Side right;
    private final boolean everything;
    private final Visitor visitor;

    /** What is told of each key that is not known to be the same in both trees. */
    public interface Visitor {
        /** @return whether to go on */
        boolean left(long key, long value);

        /** @return whether to go on */
        boolean right(long key, long value);

        /**
         * A key that both have; the values may be equal.
         *
         * @return whether to go on
         */
        boolean both(long key, long left, long right);
    }

    private TreeComparison(Side left, Side right, boolean everything, Visitor visitor) {
        this.left = left;
        this.right = right;
        this.everything = everything;
        this.visitor = visitor;
    }

    /**
     * Visits keys from {@code first} to {@code last}, both included and unsigned, in ascending order. O(nodes that differ x
     * height).
     *
     * @param everything whether nodes that both trees have are entered too, so that every key is visited
     * @return how many nodes have been read
     * @throws CorruptionException if a tree is damaged
     */
    public static long run(BTreeReader reader, long leftRoot, long rightRoot, long first, long last, boolean everything,
            Visitor visitor) {
        reader.checkOneLevel();
        reader.checkLongValues();
        if (leftRoot == rightRoot && !everything) {
            return 0;
        }
        try (Side left = new Side(reader, leftRoot, first, last);
                Side right = new Side(reader, rightRoot, first, last)) {
            new TreeComparison(left, right, everything, visitor).run();
            return left.nodesRead + right.nodesRead;
        }
    }

    private void run() {
        boolean more = true;
        while (more && !(left.done() && right.done())) {
            if (right.done()) {
                more = alone(left);
            } else if (left.done()) {
                more = alone(right);
            } else {
                more = together();
            }
        }
    }

    private boolean together() {
        if (left.isSameNode(right) && (!everything || left.isLeaf() && right.isLeaf())) {
            boolean more = !everything || showLeaf();
            left.next();
            right.next();
            return more;
        }
        int order = Long.compareUnsigned(left.key(), right.key());
        if (order != 0) {
            return alone(order < 0 ? left : right);
        }
        int leftHeight = left.height();
        int rightHeight = right.height();
        if (leftHeight == Side.ENTRY && rightHeight == Side.ENTRY) {
            boolean more = visitor.both(left.key(), left.value(), right.value());
            left.next();
            right.next();
            return more;
        }
        if (leftHeight >= rightHeight) {
            left.enter();
        }
        if (rightHeight >= leftHeight) {
            right.enter();
        }
        return true;
    }

    /** A leaf that both have is gone through once, for both. */
    private boolean showLeaf() {
        boolean more = left.showLeaf(visitor);
        right.lastKey = left.lastKey;
        right.passed = left.passed;
        return more;
    }

    /** The side whose turn it is enters its node, or tells of its entry, which the other does not have. */
    private boolean alone(Side side) {
        if (side.height() != Side.ENTRY) {
            side.enter();
            return true;
        }
        boolean more = side == left ? visitor.left(side.key(), side.value()) : visitor.right(side.key(), side.value());
        side.next();
        return more;
    }

    /** A place in one of the trees. */
    private static final class Side implements AutoCloseable {
        static final int ENTRY = -1;

        private final BTreeReader reader;
        private final long root;
        private final long first;
        private final long last;
        private final int rootHeight;
        private final Block[] path = new Block[BTreeReader.MAX_DEPTH];
        /** The same blocks with their entries in arrays: each entry is read several times. */
        private final WalkedNode[] nodes = new WalkedNode[BTreeReader.MAX_DEPTH];
        private final int[] slots = new int[BTreeReader.MAX_DEPTH];
        private int top = -1;
        private boolean beforeRoot = true;
        private boolean passed;
        private long lastKey;
        private long nodesRead;

        Side(BTreeReader reader, long root, long first, long last) {
            this.reader = reader;
            this.root = root;
            this.first = first;
            this.last = last;
            this.rootHeight = heightOf(root);
        }

        private int heightOf(long tree) {
            long block = tree;
            for (int height = 0; height < BTreeReader.MAX_DEPTH; height++) {
                try (Block node = lock(block)) {
                    if (Node.isLeaf(node.data())) {
                        return height;
                    }
                    block = Node.longValue(node.data(), 0);
                } catch (CorruptionException e) {
                    throw e.via("tree root " + root);
                }
            }
            throw BTreeReader.tooDeep(block).via("tree root " + root);
        }

        private Block lock(long block) {
            if (nodesRead++ > reader.blocks().blocks() + BTreeReader.MAX_DEPTH) {
                throw new CorruptionException(block, NodeValidator.NODE.type(),
                        "is met again and again: there are fewer blocks than nodes");
            }
            return reader.lock(block, reader.valueSize());
        }

        boolean done() {
            return !beforeRoot && (top < 0 || Long.compareUnsigned(key(), last) > 0);
        }

        /** How far the item is above the leaves; {@link #ENTRY} for an entry. */
        int height() {
            return rootHeight - top - 1;
        }

        long key() {
            return beforeRoot ? 0 : nodes[top].key(slots[top]);
        }

        long value() {
            return beforeRoot ? root : nodes[top].longValue(slots[top]);
        }

        /** Whether the item is a leaf that has not been entered. */
        boolean isLeaf() {
            return height() == 0;
        }

        /** Tells of the entries of the leaf that the item is, as ones that both sides have; returns whether to go on. */
        boolean showLeaf(Visitor visitor) {
            try (Block locked = lockItem()) {
                WalkedNode leaf = WalkedNode.of(locked.number(), locked.data());
                for (int i = 0; i < leaf.entries(); i++) {
                    long key = leaf.key(i);
                    checkOrder(key, locked);
                    if (Long.compareUnsigned(key, last) > 0) {
                        return true;
                    }
                    long value = leaf.longValue(i);
                    if (Long.compareUnsigned(key, first) >= 0 && !visitor.both(key, value, value)) {
                        return false;
                    }
                }
                return true;
            }
        }

        boolean isSameNode(Side other) {
            return height() != ENTRY && other.height() != ENTRY && value() == other.value();
        }

        void next() {
            if (beforeRoot) {
                beforeRoot = false;
                return;
            }
            slots[top]++;
            leaveFinished();
        }

        private void leaveFinished() {
            while (top >= 0 && slots[top] == nodes[top].entries()) {
                path[top--].close();
                if (top >= 0) {
                    slots[top]++;
                }
            }
            if (top >= 0) {
                checkOrder(key(), path[top]);
            }
        }

        /** Whoever goes through a tree in order is to notice where there is none. */
        private void checkOrder(long key, Block node) {
            if (passed && Long.compareUnsigned(key, lastKey) < 0) {
                throw located(Node.corrupt(node, "keys out of order: " + Long.toUnsignedString(key) + " after "
                        + Long.toUnsignedString(lastKey)));
            }
            lastKey = key;
            passed = true;
        }

        /** Goes into the node, to the first item in it that is wanted. */
        void enter() {
            boolean leaf = isLeaf();
            Block node = lockItem();
            beforeRoot = false;
            path[++top] = node;
            MemorySegment data = node.data();
            nodes[top] = WalkedNode.of(node.number(), data);
            slots[top] = leaf ? Node.upper(data, first) : Math.max(Node.lower(data, first), 0);
            leaveFinished();
        }

        /** The node that the item is. */
        private Block lockItem() {
            boolean leaf = isLeaf();
            Block node;
            try {
                node = lock(value());
            } catch (CorruptionException e) {
                throw located(e);
            }
            if (Node.isLeaf(node.data()) != leaf) {
                try (node) {
                    throw located(Node.corrupt(node, "the leaves of its tree are not all at one depth"));
                }
            }
            return node;
        }

        private CorruptionException located(CorruptionException e) {
            CorruptionException located = e;
            for (int i = top; i >= 0; i--) {
                located = located.via("slot " + slots[i] + " of node " + path[i].number());
            }
            return located.via("tree root " + root);
        }

        @Override
        public void close() {
            while (top >= 0) {
                path[top--].close();
            }
        }
    }
}

package io.pdata.core.btree;

import io.pdata.core.block.Block;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;

/**
 * Makes room in a full node before anything is inserted below it, so that no split ever has to travel upwards.
 *
 * <p>Every full node is dealt with on the way down, which is why its parent always has room for one entry more. Which
 * blocks are allocated and shadowed, in which order, and which bytes are moved, is exactly the format document's
 * sections 8.3 to 8.5.
 */
final class NodeSplit {
    /** A sibling with fewer free slots is not worth moving entries to. */
    private static final int FREE_SLOTS_WANTED = 8;

    private final TransactionManager transactions;
    private final Spine spine;

    NodeSplit(TransactionManager transactions, Spine spine) {
        this.transactions = transactions;
        this.spine = spine;
    }

    /** The root is full: its entries move to two new children, and it stays where it is. */
    void splitBeneath() {
        MemorySegment root = spine.current().data();
        int entries = Node.entries(root);
        int half = entries / 2;
        try (Block left = newNodeWith(root, 0, half); Block right = newNodeWith(root, half, entries - half)) {
            Node.becomeInternal(root);
            Node.insertPointer(spine.current(), 0, Node.key(left.data(), 0), left.number());
            Node.insertPointer(spine.current(), 1, Node.key(right.data(), 0), right.number());
        }
    }

    private Block newNodeWith(MemorySegment source, int from, int count) {
        Block block = newNodeLike(source);
        Node.copyEntries(source, from, block.data(), 0, count);
        Node.setEntries(block.data(), count);
        return block;
    }

    private Block newNodeLike(MemorySegment other) {
        Block block = transactions.newBlock(NodeValidator.NODE);
        Node.formatLike(block.data(), other);
        return block;
    }

    /**
     * A node below the root is full. Afterwards the current node is the one that covers {@code key}, and has room.
     *
     * @param slot where the parent points at the current node
     */
    void rebalanceOrSplit(int slot, long key, Level level) {
        MemorySegment parent = spine.parent().data();
        int last = Node.entries(parent) - 1;
        boolean siblingShared = false;
        if (slot > 0) {
            boolean shared = transactions.isShared(Node.longValue(parent, slot - 1));
            if (!shared && hasFreeSlots(slot - 1, level)) {
                shareWithLeft(slot, key, level);
                return;
            }
            siblingShared = shared;
        }
        if (slot < last) {
            boolean shared = transactions.isShared(Node.longValue(parent, slot + 1));
            if (!shared && hasFreeSlots(slot + 1, level)) {
                shareWithRight(slot, key, level);
                return;
            }
            siblingShared |= shared;
        }
        // At the edges keys tend to arrive in order: half-full nodes would stay behind if two were split into three.
        if (siblingShared || slot == 0 || slot == last) {
            splitOneIntoTwo(slot, key);
        } else {
            splitTwoIntoThree(slot, key, level);
        }
    }

    private boolean hasFreeSlots(int slot, Level level) {
        try (Block sibling = level.readChild(spine.parent(), slot)) {
            MemorySegment node = sibling.data();
            return Node.maxEntries(node) - Node.entries(node) >= FREE_SLOTS_WANTED;
        }
    }

    private void shareWithLeft(int slot, long key, Level level) {
        Block left = level.shadowChild(spine.parent(), slot - 1);
        Block leaving = left;
        try {
            MemorySegment right = spine.current().data();
            Node.checkAlike(left, spine.current());
            redistribute2(left.data(), right);
            Node.setKey(spine.parent().data(), slot, Node.key(right, 0));
            if (isBefore(key, right)) {
                leaving = spine.swapCurrent(left);
            }
        } finally {
            leaving.close();
        }
    }

    private void shareWithRight(int slot, long key, Level level) {
        Block right = level.shadowChild(spine.parent(), slot + 1);
        Block leaving = right;
        try {
            Node.checkAlike(right, spine.current());
            redistribute2(spine.current().data(), right.data());
            Node.setKey(spine.parent().data(), slot + 1, Node.key(right.data(), 0));
            if (!isBefore(key, right.data())) {
                leaving = spine.swapCurrent(right);
            }
        } finally {
            leaving.close();
        }
    }

    private void splitOneIntoTwo(int slot, long key) {
        MemorySegment left = spine.current().data();
        Block right = newNodeLike(left);
        Block leaving = right;
        try {
            redistribute2(left, right.data());
            Node.insertPointer(spine.parent(), slot + 1, Node.key(right.data(), 0), right.number());
            if (!isBefore(key, right.data())) {
                leaving = spine.swapCurrent(right);
            }
        } finally {
            leaving.close();
        }
    }

    /** Only for a node with a sibling on either side; it is the left one that gives entries. */
    private void splitTwoIntoThree(int slot, long key, Level level) {
        Block left = level.shadowChild(spine.parent(), slot - 1);
        Block leavingLeft = left;
        try {
            Node.checkAlike(left, spine.current());
            MemorySegment right = spine.current().data();
            Block middle = newNodeLike(left.data());
            Block leavingMiddle = middle;
            try {
                redistribute3(left.data(), middle.data(), right);
                Node.setKey(spine.parent().data(), slot, Node.key(right, 0));
                Node.insertPointer(spine.parent(), slot, Node.key(middle.data(), 0), middle.number());
                if (isBefore(key, middle.data())) {
                    leavingLeft = spine.swapCurrent(left);
                } else if (isBefore(key, right)) {
                    leavingMiddle = spine.swapCurrent(middle);
                }
            } finally {
                leavingMiddle.close();
            }
        } finally {
            leavingLeft.close();
        }
    }

    private static boolean isBefore(long key, MemorySegment node) {
        return Long.compareUnsigned(key, Node.key(node, 0)) < 0;
    }

    /** Evens out two neighbours; the right one gets the odd entry. */
    private static void redistribute2(MemorySegment left, MemorySegment right) {
        int inLeft = Node.entries(left);
        int target = (inLeft + Node.entries(right)) / 2;
        if (inLeft < target) {
            Node.moveToLeft(left, right, target - inLeft);
        } else if (inLeft > target) {
            Node.moveToRight(left, right, inLeft - target);
        }
    }

    /**
     * Evens out two neighbours with a new, empty node between them. The right one is full, so the left one never has
     * anything to give beyond the centre.
     */
    private static void redistribute3(MemorySegment left, MemorySegment centre, MemorySegment right) {
        int inLeft = Node.entries(left);
        int inRight = Node.entries(right);
        int total = inLeft + inRight;
        int targetLeft = total / 3;
        int targetCentre = (total - targetLeft) / 2;
        int targetRight = total - targetLeft - targetCentre;
        int surplus = inLeft - targetLeft;
        if (surplus < 0) {
            Node.copyEntries(right, 0, left, inLeft, -surplus);
            Node.copyEntries(right, -surplus, centre, 0, targetCentre);
        } else {
            Node.copyEntries(left, targetLeft, centre, 0, surplus);
            Node.copyEntries(right, 0, centre, surplus, targetCentre - surplus);
        }
        Node.copyEntries(right, inRight - targetRight, right, 0, targetRight);
        Node.setEntries(left, targetLeft);
        Node.setEntries(centre, targetCentre);
        Node.setEntries(right, targetRight);
    }
}

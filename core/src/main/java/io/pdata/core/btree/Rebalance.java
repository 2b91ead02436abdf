package io.pdata.core.btree;

import io.pdata.core.block.Block;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;

/**
 * Keeps the children of a node from getting too thin, before an entry is removed below one of them. Done at every
 * internal node on the way down, whether or not the child is thin.
 *
 * <p>Which blocks are shadowed and freed, in which order, and which bytes are moved, is exactly the format document's
 * section 9.1.
 */
final class Rebalance {
    private final TransactionManager transactions;

    Rebalance(TransactionManager transactions) {
        this.transactions = transactions;
    }

    /**
     * Rebalances the children around the one that covers {@code key}; may turn the node into a leaf.
     *
     * @return false if the key lies below all of the node's keys
     */
    boolean children(Block node, long key, Level level) {
        int last = Node.entries(node.data()) - 1;
        if (last == 0) {
            pullUp(node, level);
            return true;
        }
        int slot = Node.lower(node.data(), key);
        if (slot < 0) {
            return false;
        }
        if (slot == 0) {
            rebalance2(node, 0, level);
        } else if (slot == last) {
            rebalance2(node, slot - 1, level);
        } else {
            rebalance3(node, slot - 1, level);
        }
        return true;
    }

    /**
     * Copies the only child over its parent. If somebody else refers to that child too, what it points at is referred to
     * from both places now.
     */
    private void pullUp(Block node, Level level) {
        long child;
        try (Block only = level.readChild(node, 0)) {
            child = only.number();
            node.data().copyFrom(only.data());
        }
        if (transactions.isShared(child)) {
            level.increment(node);
        }
        transactions.dec(child);
    }

    private void rebalance2(Block parent, int slot, Level level) {
        try (Block left = level.shadowChild(parent, slot); Block right = level.shadowChild(parent, slot + 1)) {
            balance(parent.data(), slot + 1, left, right);
        }
    }

    private void balance(MemorySegment parent, int rightSlot, Block left, Block right) {
        Node.checkAlike(left, right);
        int inLeft = Node.entries(left.data());
        int total = inLeft + Node.entries(right.data());
        // With one entry more than a third each, whichever of the two loses one still has a third.
        if (total < 2 * (third(left) + 1)) {
            append(left.data(), right.data(), total - inLeft);
            Node.delete(parent, rightSlot);
            transactions.dec(right.number());
        } else {
            shift(left, right, inLeft - total / 2);
            Node.setKey(parent, rightSlot, Node.key(right.data(), 0));
        }
    }

    private void rebalance3(Block parent, int slot, Level level) {
        try (Block left = level.shadowChild(parent, slot);
                Block centre = level.shadowChild(parent, slot + 1);
                Block right = level.shadowChild(parent, slot + 2)) {
            Node.checkAlike(left, centre);
            Node.checkAlike(centre, right);
            int total = Node.entries(left.data()) + Node.entries(centre.data()) + Node.entries(right.data());
            if (total < 4 * third(left) + 1) {
                deleteCentre(parent.data(), slot + 1, left, centre, right);
            } else {
                redistribute(left, centre, right, total);
                Node.setKey(parent.data(), slot + 1, Node.key(centre.data(), 0));
                Node.setKey(parent.data(), slot + 2, Node.key(right.data(), 0));
            }
        }
    }

    private void deleteCentre(MemorySegment parent, int centreSlot, Block left, Block centre, Block right) {
        MemorySegment from = centre.data();
        int inLeft = Node.entries(left.data());
        int inCentre = Node.entries(from);
        int toLeft = Math.min(Node.maxEntries(left.data()) - inLeft, inCentre);
        append(left.data(), from, toLeft);
        int toRight = inCentre - toLeft;
        if (toRight > 0) {
            int inRight = Node.entries(right.data());
            Node.copyEntries(right.data(), 0, right.data(), toRight, inRight);
            Node.copyEntries(from, toLeft, right.data(), 0, toRight);
            Node.setEntries(right.data(), inRight + toRight);
        }
        Node.setKey(parent, centreSlot + 1, Node.key(right.data(), 0));
        Node.delete(parent, centreSlot);
        transactions.dec(centre.number());
        balance(parent, centreSlot, left, right);
    }

    /** Appends the first entries of a node that is about to be given up, and is left as it is, to {@code left}. */
    private static void append(MemorySegment left, MemorySegment from, int count) {
        int inLeft = Node.entries(left);
        Node.copyEntries(from, 0, left, inLeft, count);
        Node.setEntries(left, inLeft + count);
    }

    /** Evens out three neighbours, where the centre may have too little, or too little room, to be a go-between. */
    private static void redistribute(Block left, Block centre, Block right, int total) {
        int targetRight = total / 3;
        int targetLeft = targetRight + (total % 3 == 0 ? 0 : 1);
        int inLeft = Node.entries(left.data());
        int inCentre = Node.entries(centre.data());
        int inRight = Node.entries(right.data());
        if (inLeft < inRight) {
            int surplus = inLeft - targetLeft;
            if (surplus < 0 && inCentre < -surplus) {
                shift(left, centre, -inCentre);
                surplus += inCentre;
                shift(left, right, surplus);
                inRight += surplus;
            } else {
                shift(left, centre, surplus);
            }
            shift(centre, right, targetRight - inRight);
        } else {
            int missing = targetRight - inRight;
            if (missing > 0 && inCentre < missing) {
                shift(centre, right, inCentre);
                missing -= inCentre;
                shift(left, right, missing);
                inLeft -= missing;
            } else {
                shift(centre, right, missing);
            }
            shift(left, centre, inLeft - targetLeft);
        }
    }

    /** Moves the last {@code count} entries of {@code left} to the front of {@code right}, or, if negative, back. */
    private static void shift(Block left, Block right, int count) {
        int inLeft = Node.entries(left.data()) - count;
        int inRight = Node.entries(right.data()) + count;
        int room = Node.maxEntries(left.data());
        if (inLeft < 0 || inRight < 0 || inLeft > room || inRight > room) {
            throw Node.corrupt(left, "cannot have " + inLeft + " entries beside block " + right.number() + " with "
                    + inRight);
        }
        if (count > 0) {
            Node.moveToRight(left.data(), right.data(), count);
        } else if (count < 0) {
            Node.moveToLeft(left.data(), right.data(), -count);
        }
    }

    private static int third(Block node) {
        return Node.maxEntries(node.data()) / 3;
    }
}

package io.pdata.core.btree;

import io.pdata.core.transaction.TransactionManager;
import io.pdata.core.transaction.TransactionMark;

/**
 * Where a tree is: the block of its root, which every change of the tree may move. Owned by whoever owns the tree; not
 * thread-safe.
 *
 * <p>Keep one such object for each tree, and no copies of the number: after a change the old block is free, and may be
 * another tree's. A root that was moved in a transaction which has been rolled back since, or by another store, is
 * refused until it is {@link #moveTo moved} to where the committed superblock says. What cannot be noticed: a number that
 * is not a root at all, but that of a node of a like tree.
 */
public final class TreeRoot {
    private long block;
    private TransactionMark moved;

    /** A root that a superblock, or a value of another tree, names. */
    public TreeRoot(long block) {
        this.block = block;
    }

    TreeRoot(long block, TransactionMark made) {
        this.block = block;
        this.moved = made;
    }

    public long block() {
        return block;
    }

    /** Says where the root is, for example after a roll-back. */
    public void moveTo(long newBlock) {
        block = newBlock;
        moved = null;
    }

    /** A change has moved the root. */
    void changed(long newBlock, TransactionMark transaction) {
        block = newBlock;
        moved = transaction;
    }

    /** @throws IllegalStateException if this is another store's root, or one of a transaction that was rolled back */
    public void check(TransactionManager user) {
        user.checkMark(moved, this);
    }

    @Override
    public String toString() {
        return "root " + block;
    }
}

package io.pdata.core.btree;

/**
 * Where a tree is: the block of its root, which every change of the tree may move. Owned by whoever owns the tree; not
 * thread-safe.
 */
public final class TreeRoot {
    private long block;

    public TreeRoot(long block) {
        this.block = block;
    }

    public long block() {
        return block;
    }

    public void moveTo(long newBlock) {
        block = newBlock;
    }

    @Override
    public String toString() {
        return "root " + block;
    }
}

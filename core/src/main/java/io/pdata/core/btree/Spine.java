package io.pdata.core.btree;

import io.pdata.core.block.Block;

/**
 * The way down that a change takes: the current node and its parent, both shadowed and locked for writing.
 *
 * <p>Invariant: the parent's slot always points at the shadowed child, so that whatever has been passed is a tree again.
 * In a nested tree one spine runs through all levels; the parent of a sub-tree's root is the leaf that points at it.
 *
 * <p>Used by one writer for one operation after another. {@link #close} releases the locks, also after a failure in the
 * middle. Source: format document "persistent-data", section 8.1.
 */
final class Spine implements AutoCloseable {
    private Block parent;
    private Block current;
    private long root;

    /**
     * Makes sure that no operation is under way; returns this, to be closed after the one that begins.
     *
     * @throws IllegalStateException if one is: it has called something that changes a tree with the same object
     */
    Spine checkIdle() {
        if (current != null || parent != null) {
            throw new IllegalStateException("a tree is changed by something that a change of it calls");
        }
        return this;
    }

    /** Starts at the root of the outermost tree. */
    void begin(long block, Level level) {
        current = level.shadow(block);
        root = current.number();
    }

    /** Steps to the node that a slot of the current one points at. */
    void down(int slot, Level level) {
        Block above = parent;
        parent = current;
        current = null;
        if (above != null) {
            above.close();
        }
        current = level.shadowChild(parent, slot);
    }

    Block current() {
        return current;
    }

    Block parent() {
        return parent;
    }

    /** Where the outermost root is now. */
    long root() {
        return root;
    }

    /** Has the descent go on from another node of the same height; returns the one that was current, still locked. */
    Block swapCurrent(Block other) {
        Block before = current;
        current = other;
        return before;
    }

    @Override
    public void close() {
        Block below = current;
        Block above = parent;
        current = null;
        parent = null;
        if (below != null) {
            below.close();
        }
        if (above != null) {
            above.close();
        }
    }
}

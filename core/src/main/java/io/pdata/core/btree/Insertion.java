package io.pdata.core.btree;

import io.pdata.core.block.Block;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;

/**
 * Inserting and overwriting. Source: format document "persistent-data", sections 8.1, 8.2 and 8.6.
 */
final class Insertion {
    private final Level[] levels;
    private final Spine spine;
    private final NodeSplit split;

    Insertion(TransactionManager transactions, Level[] levels, Spine spine) {
        this.levels = levels;
        this.spine = spine;
        this.split = new NodeSplit(transactions, spine);
    }

    /** Inserts or overwrites; returns whether the key is new. The spine knows the new root afterwards. */
    boolean insert(long root, long[] keys, MemorySegment value) {
        spine.begin(root, levels[0]);
        int last = levels.length - 1;
        for (int i = 0; i < last; i++) {
            int slot = descend(keys[i], levels[i]);
            Block leaf = spine.current();
            if (!Node.holds(leaf.data(), slot, keys[i])) {
                Node.insertPointer(leaf, slot, keys[i], newTree(levels[i + 1]));
            }
            spine.down(slot, levels[i + 1]);
        }
        int slot = descend(keys[last], levels[last]);
        Block leaf = spine.current();
        if (Node.holds(leaf.data(), slot, keys[last])) {
            replace(leaf.data(), slot, value, levels[last].type());
            return false;
        }
        Node.insert(leaf, slot, keys[last], value);
        return true;
    }

    private static long newTree(Level level) {
        try (Block leaf = level.newLeaf()) {
            return leaf.number();
        }
    }

    private static void replace(MemorySegment leaf, int slot, MemorySegment value, ValueType type) {
        long offset = Node.valueOffset(leaf, slot, type.size());
        if (!type.equal(leaf, offset, value, 0)) {
            type.dec(leaf, offset, 1);
        }
        MemorySegment.copy(value, 0, leaf, offset, type.size());
    }

    /**
     * Goes from the current node, the root of a tree of this level, to the leaf for {@code key}, making room on the way.
     *
     * @return the slot in that leaf where the key is, or where it must go
     */
    private int descend(long key, Level level) {
        int slot = -1;
        for (int depth = 0; depth < BTreeReader.MAX_DEPTH; depth++) {
            if (!hasRoomFor(key)) {
                if (depth == 0) {
                    split.splitBeneath();
                } else {
                    split.rebalanceOrSplit(slot, key, level);
                }
            }
            MemorySegment node = spine.current().data();
            slot = Node.lower(node, key);
            if (Node.isLeaf(node)) {
                return Node.holds(node, slot, key) ? slot : slot + 1;
            }
            if (slot < 0) {
                Node.setKey(node, 0, key);
                slot = 0;
            }
            spine.down(slot, level);
        }
        throw BTreeReader.tooDeep(spine.current().number());
    }

    private boolean hasRoomFor(long key) {
        MemorySegment node = spine.current().data();
        return !Node.isFull(node) || Node.isLeaf(node) && Node.holds(node, Node.lower(node, key), key);
    }

    /** One-level trees: shadows down to the leaf that has {@code key}; returns its slot there, or -1. */
    int descendTo(long root, long key) {
        Level level = levels[0];
        spine.begin(root, level);
        for (int depth = 0; depth < BTreeReader.MAX_DEPTH; depth++) {
            MemorySegment node = spine.current().data();
            int slot = Node.lower(node, key);
            if (Node.isLeaf(node)) {
                return Node.holds(node, slot, key) ? slot : -1;
            }
            if (slot < 0) {
                return -1;
            }
            spine.down(slot, level);
        }
        throw BTreeReader.tooDeep(spine.current().number());
    }
}

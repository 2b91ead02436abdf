package io.pdata.core.btree;

import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;

/**
 * Removing entries. Sub-trees that become empty stay where they are. Source: format document "persistent-data", sections
 * 9.1 and 9.3.
 */
final class Removal {
    private static final int ABSENT = -1;

    private final Level[] levels;
    private final Spine spine;
    private final Rebalance rebalance;
    private long removedKey;

    Removal(TransactionManager transactions, Level[] levels, Spine spine) {
        this.levels = levels;
        this.spine = spine;
        this.rebalance = new Rebalance(transactions);
    }

    /** Removes an entry; returns whether it was there. The spine knows the new root afterwards. */
    boolean remove(long root, long[] keys) {
        long key = keys[levels.length - 1];
        int slot = descendAll(root, keys, key);
        if (slot == ABSENT || !Node.holds(spine.current().data(), slot, key)) {
            return false;
        }
        removeEntry(slot);
        return true;
    }

    /**
     * Removes one entry in {@code [from, end)}: the one that the leaf which covers {@code from} has at the place of
     * {@code from}. The spine knows the new root afterwards, also if there was none.
     *
     * @param keys the keys of the upper levels
     * @return whether there was one; {@link #removedKey} has its key
     */
    boolean removeNearest(long root, long[] keys, long from, long end) {
        int slot = descendAll(root, keys, from);
        if (slot == ABSENT) {
            return false;
        }
        MemorySegment leaf = spine.current().data();
        if (slot >= Node.entries(leaf)) {
            return false;
        }
        long key = Node.key(leaf, slot);
        if (Long.compareUnsigned(key, from) < 0 || Long.compareUnsigned(key, end) >= 0) {
            return false;
        }
        removeEntry(slot);
        removedKey = key;
        return true;
    }

    long removedKey() {
        return removedKey;
    }

    private void removeEntry(int slot) {
        MemorySegment leaf = spine.current().data();
        ValueType type = levels[levels.length - 1].type();
        type.dec(leaf, Node.valueOffset(leaf, slot, type.size()), 1);
        Node.delete(leaf, slot);
    }

    private int descendAll(long root, long[] keys, long lastKey) {
        spine.begin(root, levels[0]);
        int last = levels.length - 1;
        for (int i = 0; i < last; i++) {
            int slot = descend(keys[i], levels[i]);
            if (slot == ABSENT || !Node.holds(spine.current().data(), slot, keys[i])) {
                return ABSENT;
            }
            spine.down(slot, levels[i + 1]);
        }
        return descend(lastKey, levels[last]);
    }

    /**
     * Goes from the current node, the root of a tree of this level, to the leaf that covers {@code key}, rebalancing on
     * the way.
     *
     * @return the slot of the largest key at or below {@code key} in that leaf, or 0 if there is none; {@link #ABSENT} if
     *         the descent ended above the leaves
     */
    private int descend(long key, Level level) {
        for (int depth = 0; depth < BTreeReader.MAX_DEPTH; depth++) {
            MemorySegment node = spine.current().data();
            if (!Node.isLeaf(node) && !rebalance.children(spine.current(), key, level)) {
                return ABSENT;
            }
            int slot = Node.lower(node, key);
            if (Node.isLeaf(node)) {
                return Math.max(slot, 0);
            }
            if (slot < 0) {
                return ABSENT;
            }
            spine.down(slot, level);
        }
        throw BTreeReader.tooDeep(spine.current().number());
    }
}

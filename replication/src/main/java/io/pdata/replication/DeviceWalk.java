package io.pdata.replication;

import io.pdata.core.block.Block;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.device.DeviceException;
import io.pdata.core.transaction.BlockReader;

/**
 * Walks the mappings of one device in the order of its blocks, and around what is damaged: of a node that cannot be used the
 * range of virtual blocks is told that may be mapped in it.
 *
 * <p>Each node is read once. Memory: one node for each level. A tree whose nodes lie about their keys cannot make it go
 * round in circles, for each node must have its keys within the bounds that its parent gives. Used by one thread.
 */
final class DeviceWalk {
    private final BlockReader blocks;
    private final Visitor visitor;

    /** Gets mappings and gaps in ascending order. */
    interface Visitor {
        /** @return whether to go on */
        boolean mapping(long virtualBlock, long value);

        /**
         * What is mapped from {@code first} to {@code last} (unsigned) is not known.
         *
         * @return whether to go on
         */
        boolean lost(long first, long last, String why);
    }

    DeviceWalk(BlockReader blocks, Visitor visitor) {
        this.blocks = blocks;
        this.visitor = visitor;
    }

    /** Walks the blocks from {@code first} on. */
    void walk(long root, long first) {
        visit(root, first, 0, -1, 0);
    }

    /** @param low the lowest key that may be below the node, {@code high} the highest */
    private boolean visit(long block, long first, long low, long high, int depth) {
        if (Long.compareUnsigned(high, first) < 0) {
            return true;
        }
        long[] keys;
        long[] values;
        boolean leaf;
        try (Block locked = blocks.readLock(block, NodeValidator.NODE)) {
            WalkedNode node = WalkedNode.of(block, locked.data());
            String problem = depth == TreeWalker.MAX_DEPTH
                    ? "lies deeper than any tree can be"
                    : problem(node, low, high);
            if (problem != null) {
                return visitor.lost(low, high, "block " + block + ": " + problem);
            }
            leaf = node.isLeaf();
            keys = new long[node.entries()];
            values = new long[node.entries()];
            for (int i = 0; i < keys.length; i++) {
                keys[i] = node.key(i);
                values[i] = node.longValue(i);
            }
        } catch (CorruptionException | DeviceException e) {
            return visitor.lost(low, high, e.getMessage());
        }
        return leaf ? mappings(keys, values, first) : children(keys, values, first, high, depth);
    }

    private static String problem(WalkedNode node, long low, long high) {
        int last = node.entries() - 1;
        if (node.valueSize() != Long.BYTES) {
            return "values of " + node.valueSize() + " bytes instead of " + Long.BYTES;
        }
        if (last < 0) {
            return node.isLeaf() ? null : "an internal node without entries";
        }
        for (int i = 0; i < last; i++) {
            if (Long.compareUnsigned(node.key(i), node.key(i + 1)) >= 0) {
                return "keys out of order";
            }
        }
        if (Long.compareUnsigned(node.key(0), low) < 0 || Long.compareUnsigned(node.key(last), high) > 0) {
            return "keys out of bounds";
        }
        return null;
    }

    private boolean mappings(long[] keys, long[] values, long first) {
        for (int i = 0; i < keys.length; i++) {
            if (Long.compareUnsigned(keys[i], first) >= 0 && !visitor.mapping(keys[i], values[i])) {
                return false;
            }
        }
        return true;
    }

    private boolean children(long[] keys, long[] values, long first, long high, int depth) {
        for (int i = 0; i < keys.length; i++) {
            long end = i + 1 < keys.length ? keys[i + 1] - 1 : high;
            if (!visit(values[i], first, keys[i], end, depth + 1)) {
                return false;
            }
        }
        return true;
    }
}

package io.pdata.tools.salvage;

import io.pdata.core.block.Block;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.device.DeviceException;
import io.pdata.core.transaction.BlockReader;
import java.util.HashSet;
import java.util.Set;

/**
 * Keeps what can be kept of damaged one-level trees, in ascending order, and says which keys cannot be.
 *
 * <p>The rules:
 * <ul>
 * <li>A node that cannot be read, or is of another kind, is lost, with all keys that its parent leaves to it. Everything
 * else is visited; at which depth the leaves lie makes no difference.
 * <li>What is kept ascends strictly. Of the entries of a leaf as many are kept as ascend; of equal keys the first. A leaf
 * that comes later has to go on where the ones before it ended.
 * <li>Keys do not go beyond where the parent, or the next node itself, says that the next node begins: so one key that is
 * far too high does not cost all that follow.
 * <li>Each damaged node is visited once in a tree, however often it is pointed at.
 * </ul>
 *
 * <p>Where a {@link TreeWalker} has seen the tree before, parts in which it found no error are passed on as they are,
 * without looking at them again. Memory: a few KiB for each level, and some 50 bytes for each damaged internal node of a
 * tree. Not thread-safe.
 */
public final class TreeSalvage {
    private final BlockReader blocks;
    private final int valueSize;
    private final TreeWalker walked;

    /** What can be kept, in ascending order, and what is lost. */
    public interface Visitor {
        /** A part of a tree without errors. Only called after a walk. */
        default void whole(long block, TreeWalker.Summary part) {
            throw new IllegalStateException("nobody has walked this tree");
        }

        /**
         * An entry of a leaf of which not everything can be used, or that nobody has looked at before.
         *
         * @param leaf valid during the call only
         * @param index of the entry in it
         */
        void entry(WalkedNode leaf, int index);

        /** The keys {@code first} to {@code last} are lost with, or in, a block. */
        void lost(long first, long last, long block, String problem);
    }

    /**
     * @param valueSize of the leaves, in bytes
     * @param walked has walked the trees; or null if every leaf is to be looked at
     */
    public TreeSalvage(BlockReader blocks, int valueSize, TreeWalker walked) {
        this.blocks = blocks;
        this.valueSize = valueSize;
        this.walked = walked;
    }

    /** Visits a tree. */
    public void visit(long root, Visitor visitor) {
        new Descent(visitor).node(root, 0, -1, 1);
    }

    private static boolean below(long a, long b) {
        return Long.compareUnsigned(a, b) < 0;
    }

    /** The way through one tree. */
    private final class Descent {
        private final Visitor visitor;
        private final Set<Long> seen = new HashSet<>();
        private boolean any;
        private long last;

        Descent(Visitor visitor) {
            this.visitor = visitor;
        }

        /** @param high the highest key that this part may have */
        void node(long block, long low, long high, int depth) {
            if (isWhole(block, high)) {
                TreeWalker.Summary part = walked.summary(block);
                visitor.whole(block, part);
                if (part.entries() > 0) {
                    keep(part.high());
                }
                return;
            }
            if (block < 0 || block >= blocks.blocks()) {
                lost(low, high, block, "there is no such block");
                return;
            }
            if (depth > TreeWalker.MAX_DEPTH || !seen.add(block)) {
                lost(low, high, block, "the tree has it in another place already");
                return;
            }
            long[] children;
            long[] keys;
            try (Block locked = blocks.readLock(block, NodeValidator.NODE)) {
                WalkedNode node = WalkedNode.of(block, locked.data());
                if (node.isLeaf() && node.valueSize() == valueSize) {
                    leaf(node, high);
                    return;
                }
                if (node.isLeaf() || node.valueSize() != NodeLayout.POINTER_SIZE) {
                    lost(low, high, block, "has values of " + node.valueSize() + " bytes");
                    return;
                }
                keys = keys(node);
                children = new long[keys.length];
                for (int i = 0; i < keys.length; i++) {
                    children[i] = node.longValue(i);
                }
            } catch (CorruptionException e) {
                lost(low, high, block, e.problem());
                return;
            } catch (DeviceException e) {
                lost(low, high, block, e.getMessage());
                return;
            }
            internal(keys, children, low, high, depth);
        }

        private boolean isWhole(long block, long high) {
            if (walked == null) {
                return false;
            }
            TreeWalker.Summary part = walked.summary(block);
            return part.height() > 0 && part.errors() == 0
                    && (part.entries() == 0 || isNext(part.low()) && !below(high, part.high()));
        }

        private boolean isNext(long key) {
            return !any || below(last, key);
        }

        private void keep(long key) {
            any = true;
            last = key;
        }

        private void lost(long low, long high, long block, String problem) {
            long first = any && !below(last, low) ? last + 1 : low;
            if (!below(high, first) && !(any && last == -1)) {
                visitor.lost(first, high, block, problem);
            }
        }

        private void leaf(WalkedNode leaf, long high) {
            long[] keys = keys(leaf);
            boolean[] usable = new boolean[keys.length];
            for (int i = 0; i < keys.length; i++) {
                usable[i] = isNext(keys[i]) && !below(high, keys[i]);
            }
            boolean[] kept = Ascent.longest(keys, usable);
            for (int i = 0; i < keys.length; i++) {
                if (kept[i]) {
                    visitor.entry(leaf, i);
                    keep(keys[i]);
                } else {
                    visitor.lost(keys[i], keys[i], leaf.block(), "a key out of order");
                }
            }
        }

        private void internal(long[] keys, long[] children, long low, long high, int depth) {
            prefetch(children);
            boolean[] ordered = Ascent.longest(keys);
            int next = 0;
            for (int i = 0; i < keys.length; i++) {
                next = Math.max(next, i + 1);
                while (next < keys.length && !ordered[next]) {
                    next++;
                }
                long end = next < keys.length ? lower(keys[next] - 1, high) : high;
                long begin = ordered[i] && below(low, keys[i]) ? keys[i] : low;
                if (i + 1 < keys.length && !isWhole(children[i], end)) {
                    end = stretched(end, children[i + 1], high);
                }
                node(children[i], begin, end, depth + 1);
            }
        }

        /** If the next node begins later than the parent says, keys may go on until there. */
        private long stretched(long end, long next, long high) {
            if (next < 0 || next >= blocks.blocks()) {
                return end;
            }
            try (Block locked = blocks.readLock(next, NodeValidator.NODE)) {
                WalkedNode node = WalkedNode.of(next, locked.data());
                return node.entries() == 0 || !below(end, node.key(0)) ? end : lower(node.key(0) - 1, high);
            } catch (CorruptionException | DeviceException e) {
                return end; // it is found to be damaged when its turn comes
            }
        }

        private void prefetch(long[] children) {
            for (long child : children) {
                if (walked == null || child >= 0 && child < blocks.blocks() && walked.summary(child).errors() > 0) {
                    blocks.prefetch(child);
                }
            }
        }
    }

    private static long lower(long a, long b) {
        return below(a, b) ? a : b;
    }

    private static long[] keys(WalkedNode node) {
        long[] keys = new long[node.entries()];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = node.key(i);
        }
        return keys;
    }
}

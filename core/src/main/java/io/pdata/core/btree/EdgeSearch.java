package io.pdata.core.btree;

import io.pdata.core.block.Block;
import io.pdata.core.block.CorruptionException;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/**
 * Searches that end at the nearest entry instead of an exact one.
 *
 * <p>A descent that ends in a leaf with nothing suitable knows the bound of the neighbour that comes next, from the
 * lowest node on its way that has one, and starts again from there. That is nearly never more than once; each time the
 * bound moves on, and no tree has more leaves than there are blocks, so damaged trees end it too.
 */
final class EdgeSearch {
    private EdgeSearch() {}

    /** Receives the leaf that a search ends in, which stays locked during the call. */
    @FunctionalInterface
    private interface LeafReader {
        void read(MemorySegment leaf, int slot);
    }

    /**
     * Finds the smallest key at or above the last one of {@code keys}, which is set to it.
     *
     * @param value gets a copy of the value, unless it is {@link BTreeReader#NOWHERE}
     */
    static boolean next(BTreeReader reader, long root, long[] keys, MemorySegment value) {
        int last = keys.length - 1;
        return next(reader, root, keys[last], (leaf, slot) -> {
            keys[last] = Node.key(leaf, slot);
            if (value != BTreeReader.NOWHERE) {
                MemorySegment.copy(leaf, Node.valueOffset(leaf, slot, reader.valueSize()), value, 0,
                        reader.valueSize());
            }
        });
    }

    /**
     * Copies the entries at or above a key, in order: at most those of one leaf, at least one if there is any.
     *
     * @param values of the same length as {@code keys}
     * @return how many were copied
     */
    static int nextLongs(BTreeReader reader, long root, long from, long[] keys, long[] values) {
        int[] copied = {0};
        next(reader, root, from, (leaf, slot) -> {
            copied[0] = Math.min(Node.entries(leaf) - slot, keys.length);
            for (int i = 0; i < copied[0]; i++) {
                keys[i] = Node.key(leaf, slot + i);
                values[i] = Node.longValue(leaf, slot + i);
            }
        });
        return copied[0];
    }

    /** Shows the reader the entry with the smallest key at or above {@code key}; returns whether there is one. */
    private static boolean next(BTreeReader reader, long root, long key, LeafReader found) {
        long from = key;
        for (long leaves = 0; leaves < reader.blocks().blocks(); leaves++) {
            boolean bounded = false;
            long bound = 0;
            long block = root;
            for (int depth = 0;; depth++) {
                try (Block node = enter(reader, root, block, depth)) {
                    MemorySegment data = node.data();
                    if (Node.isLeaf(data)) {
                        int slot = Node.upper(data, from);
                        if (slot < Node.entries(data)) {
                            checkOrder(node, root, from, Node.key(data, slot));
                            found.read(data, slot);
                            return true;
                        }
                        break;
                    }
                    int slot = Math.max(Node.lower(data, from), 0);
                    if (slot + 1 < Node.entries(data)) {
                        bounded = true;
                        bound = Node.key(data, slot + 1);
                        checkOrder(node, root, from, bound);
                    }
                    block = Node.longValue(data, slot);
                }
            }
            if (!bounded) {
                return false;
            }
            from = bound;
        }
        throw endless(root);
    }

    /** Finds the largest key. */
    static OptionalLong highest(BTreeReader reader, long root) {
        long from = -1;
        for (long leaves = 0; leaves < reader.blocks().blocks(); leaves++) {
            boolean bounded = false;
            long bound = 0;
            long block = root;
            for (int depth = 0;; depth++) {
                try (Block node = enter(reader, root, block, depth)) {
                    MemorySegment data = node.data();
                    int slot = Node.lower(data, from);
                    if (Node.isLeaf(data)) {
                        if (slot >= 0) {
                            return OptionalLong.of(Node.key(data, slot));
                        }
                        break;
                    }
                    if (slot > 0) {
                        bounded = true;
                        bound = Node.key(data, slot) - 1;
                    }
                    block = Node.longValue(data, Math.max(slot, 0));
                }
            }
            if (!bounded) {
                return OptionalLong.empty();
            }
            from = bound;
        }
        throw endless(root);
    }

    /** A node whose keys do not ascend would lead the search astray, and have it answer with a key that was not asked for. */
    private static void checkOrder(Block node, long root, long low, long high) {
        if (Long.compareUnsigned(low, high) > 0) {
            throw new CorruptionException(node.number(), NodeValidator.NODE.type(), "keys are out of order: "
                    + Long.toUnsignedString(high) + " where none below " + Long.toUnsignedString(low) + " can be")
                    .via("tree root " + root);
        }
    }

    private static Block enter(BTreeReader reader, long root, long block, int depth) {
        try {
            if (depth == BTreeReader.MAX_DEPTH) {
                throw BTreeReader.tooDeep(block);
            }
            return reader.lock(block, reader.valueSize());
        } catch (CorruptionException e) {
            throw e.via("tree root " + root);
        }
    }

    private static CorruptionException endless(long root) {
        return new CorruptionException(root, NodeValidator.NODE.type(),
                "more leaves without entries below it than there are blocks");
    }
}

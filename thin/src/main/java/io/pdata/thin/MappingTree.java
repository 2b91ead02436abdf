package io.pdata.thin;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTree;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.space.SpaceMap;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/**
 * The tree of trees that says where each device's blocks are: device id, then virtual block, to {@link BlockTime}.
 *
 * <p>It is seen in three ways (format document, section 2): as two levels, for mappings; its upper level alone, whose
 * values are whole trees, for devices; and one device's tree alone. Used by one thread at a time, in changes
 * that the owner opens: if one throws, the tree may be half changed.
 */
final class MappingTree {
    private static final long NO_SUBTREE = -1;

    private final TransactionManager transactions;
    private final BTree twoLevels;
    private final BTree upper;
    private final BTree subtrees;
    private final TreeRoot root = new TreeRoot(0);

    private final TreeRoot subtree = new TreeRoot(0);
    private final long[] keys = new long[2];
    private final long[] nextKey = new long[1];
    private final long[] removedKey = new long[1];
    private final MemorySegment value = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);

    MappingTree(TransactionManager transactions, SpaceMap data) {
        this.transactions = transactions;
        MappingType mappings = new MappingType(data);
        twoLevels = new BTree(transactions, 2, mappings);
        subtrees = new BTree(transactions, 1, mappings);
        upper = new BTree(transactions, 1, new SubtreeType(transactions, subtrees));
    }

    void create() {
        root.moveTo(twoLevels.empty().block());
    }

    void moveTo(long block) {
        root.moveTo(block);
    }

    long root() {
        return root.block();
    }

    /** Gives a new device an empty tree. */
    void addDevice(long id) {
        upper.insertLong(root, id, subtrees.empty().block());
    }

    /** Gives a new device the tree of another, shared with it; O(1) in the size of that tree. */
    void addClone(long id, long origin) {
        long shared = subtreeOf(origin);
        transactions.inc(shared);
        upper.insertLong(root, id, shared);
    }

    /** Takes a device out, and releases what only its tree refers to. A device without a tree is an error. */
    void removeDevice(long id) {
        subtreeOf(id);
        upper.remove(root, id);
    }

    /** The mapping of a block, or {@link BlockTime#UNMAPPED}. Allocates nothing. */
    long lookup(long id, long virtualBlock) {
        return subtrees.lookupLong(subtreeOf(id), virtualBlock, BlockTime.UNMAPPED);
    }

    /** The first mapped block from {@code from} on. */
    OptionalLong nextMapped(long id, long from) {
        nextKey[0] = from;
        return subtrees.lookupNext(subtreeOf(id), nextKey, value)
                ? OptionalLong.of(nextKey[0])
                : OptionalLong.empty();
    }

    /** Returns whether the block was not mapped before. */
    boolean insert(long id, long virtualBlock, long blockTime) {
        keys[0] = id;
        keys[1] = virtualBlock;
        return twoLevels.insertLong(root, keys, blockTime);
    }

    /**
     * Unmaps all of {@code [begin, end)}; returns how many blocks were mapped. The device's tree is taken out
     * meanwhile, with a reference of its own, and put back in its new place: format document, section 4.8.
     */
    long removeRange(long id, long begin, long end) {
        subtree.moveTo(subtreeOf(id));
        transactions.inc(subtree.block());
        upper.remove(root, id);
        long removed = 0;
        removedKey[0] = begin;
        while (Long.compareUnsigned(removedKey[0], end) < 0 && subtrees.lookupNext(subtree.block(), removedKey, value)
                && Long.compareUnsigned(removedKey[0], end) < 0) {
            long run = subtrees.removeLeaves(subtree, removedKey, end);
            if (run == 0) {
                throw new CorruptionException(subtree.block(), "btree node",
                        "a key that is there cannot be removed: the keys are not in order").via("device " + id);
            }
            removed += run;
        }
        upper.insertLong(root, id, subtree.block());
        return removed;
    }

    OptionalLong highestMapped(long id) {
        return subtrees.highestKey(subtreeOf(id));
    }

    /** Drops the mapping tree of a held metadata snapshot. */
    void deleteTree(long heldRoot) {
        twoLevels.delete(heldRoot);
    }

    private long subtreeOf(long id) {
        long block = upper.lookupLong(root.block(), id, NO_SUBTREE);
        if (block == NO_SUBTREE) {
            throw noTree(id);
        }
        return block;
    }

    private CorruptionException noTree(long id) {
        return new CorruptionException(root.block(), "btree node",
                "the mapping tree has no device " + Long.toUnsignedString(id) + ", but the details tree has");
    }
}

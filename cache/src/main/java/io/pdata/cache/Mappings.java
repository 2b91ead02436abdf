package io.pdata.cache;

import io.pdata.core.array.PersistentArray;
import io.pdata.core.bitset.PersistentBitset;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.btree.ValueType;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongPredicate;

/**
 * Which origin block is in which cache block, and - as of the last clean shutdown - whether it is dirty there.
 *
 * <p>Invariants: mapping array and, in version 2, dirty bitset have {@link #size} entries; an unmapped cache block is
 * never stored as dirty.
 *
 * <p>Source: format document "cache", sections 2, 3.3 and 3.5.
 */
final class Mappings {
    private final PersistentArray array;
    private final PersistentBitset dirtyBits;
    private final MemorySegment unmapped = Arena.ofAuto().allocate(CacheMapping.SIZE);

    private boolean separateDirtyBits;
    private TreeRoot root;
    private TreeRoot dirtyRoot;
    private long size;

    Mappings(TransactionManager transactions) {
        array = new PersistentArray(transactions, ValueType.plain(CacheMapping.SIZE));
        dirtyBits = new PersistentBitset(transactions);
    }

    void format(int version) {
        separateDirtyBits = version >= CacheSuperblockLayout.SEPARATE_DIRTY_VERSION;
        root = array.empty();
        dirtyRoot = separateDirtyBits ? dirtyBits.empty() : new TreeRoot(0);
        size = 0;
    }

    void load(CacheSuperblock state) {
        separateDirtyBits = state.separateDirtyBits();
        dirtyBits.forget();
        root = new TreeRoot(state.mappingRoot());
        dirtyRoot = new TreeRoot(state.dirtyRoot());
        size = state.cacheBlocks();
    }

    long root() {
        return root.block();
    }

    long dirtyRoot() {
        return dirtyRoot.block();
    }

    /** How many cache blocks there are. */
    long size() {
        return size;
    }

    void insert(long cacheBlock, long origin) {
        array.setLong(root, cacheBlock, CacheMapping.pack(origin, CacheMapping.VALID));
    }

    void remove(long cacheBlock) {
        array.setLong(root, cacheBlock, CacheMapping.UNMAPPED);
    }

    void resize(long newSize) {
        array.resize(root, size, newSize, unmapped);
        if (separateDirtyBits) {
            dirtyBits.resize(dirtyRoot, size, newSize, false);
        }
        size = newSize;
    }

    /** Stores which blocks are dirty; what is said of unmapped ones is ignored. O(size). */
    void storeDirty(LongPredicate dirty) {
        if (separateDirtyBits) {
            dirtyBits.delete(dirtyRoot.block());
            dirtyRoot = dirtyBits.create(size,
                    block -> dirty.test(block) && CacheMapping.valid(array.getLong(root.block(), block)));
        } else {
            for (long block = 0; block < size; block++) {
                storeDirtyFlag(block, dirty.test(block));
            }
        }
    }

    private void storeDirtyFlag(long block, boolean dirty) {
        long value = array.getLong(root.block(), block);
        boolean wanted = dirty && CacheMapping.valid(value);
        if (wanted != CacheMapping.dirty(value)) {
            array.setLong(root, block, value ^ CacheMapping.DIRTY);
        }
    }

    /** Brings what is still in memory into blocks, before a commit. */
    void flush() {
        if (separateDirtyBits) {
            dirtyBits.flush(dirtyRoot);
        }
    }
}

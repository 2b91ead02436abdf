package io.pdata.era;

import io.pdata.core.array.PersistentArray;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.btree.ValueType;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The last era in which each block is known to have been written, 0 for never: an array of {@code u32}. Source: format
 * document "era", section 2.
 */
final class EraArray {
    static final int VALUE_SIZE = 4;

    private final PersistentArray array;
    private final MemorySegment never = Arena.ofAuto().allocate(VALUE_SIZE);
    private TreeRoot root;
    private long size;

    EraArray(TransactionManager transactions) {
        array = new PersistentArray(transactions, ValueType.plain(VALUE_SIZE));
    }

    void format() {
        root = array.empty();
        size = 0;
    }

    void load(EraSuperblock state) {
        root = new TreeRoot(state.eraArrayRoot());
        size = state.blocks();
    }

    long root() {
        return root.block();
    }

    /** How many blocks are tracked. */
    long size() {
        return size;
    }

    void resize(long blocks) {
        array.resize(root, size, blocks, never);
        size = blocks;
    }

    void set(long block, int era) {
        array.setInt(root, block, era);
    }

    /** Drops a snapshot's reference to an era array. */
    void delete(long otherRoot) {
        array.delete(otherRoot);
    }
}

package io.pdata.cache;

import io.pdata.core.bitset.PersistentBitset;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.transaction.TransactionManager;
import java.util.function.LongPredicate;

/**
 * Which blocks of the origin hold nothing of worth, as of the last clean shutdown: a bit for each discard block.
 *
 * <p>Source: format document "cache", sections 2 and 3.5.
 */
final class Discards {
    private final PersistentBitset bits;
    private TreeRoot root;
    private long blockSectors;
    private long blocks;

    Discards(TransactionManager transactions) {
        bits = new PersistentBitset(transactions);
    }

    void format() {
        root = bits.empty();
        blockSectors = 0;
        blocks = 0;
    }

    void load(CacheSuperblock state) {
        bits.forget();
        root = new TreeRoot(state.discardRoot());
        blockSectors = state.discardBlockSectors();
        blocks = state.discardBlocks();
    }

    long root() {
        return root.block();
    }

    long blockSectors() {
        return blockSectors;
    }

    /** How many discard blocks there are. */
    long size() {
        return blocks;
    }

    /** Stores every bit, whether it changed or not: so does the kernel. O(newBlocks). */
    void store(long newBlockSectors, long newBlocks, LongPredicate discarded) {
        bits.resize(root, blocks, newBlocks, false);
        blockSectors = newBlockSectors;
        blocks = newBlocks;
        for (long block = 0; block < blocks; block++) {
            if (discarded.test(block)) {
                bits.set(root, block);
            } else {
                bits.clear(root, block);
            }
        }
    }

    /** Brings what is still in memory into blocks, before a commit. */
    void flush() {
        bits.flush(root);
    }
}

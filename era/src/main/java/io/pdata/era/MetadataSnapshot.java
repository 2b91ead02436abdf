package io.pdata.era;

import io.pdata.core.block.Block;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.transaction.TransactionManager;

/**
 * A copy of the superblock that keeps writeset tree and era array of one moment, so that another program can read them
 * while the target is in use. Source: format document "era", section 4.
 */
final class MetadataSnapshot {
    private static final long NONE = 0;

    private final TransactionManager transactions;
    private final Writesets writesets;
    private final EraArray eras;
    private long location;

    MetadataSnapshot(TransactionManager transactions, Writesets writesets, EraArray eras) {
        this.transactions = transactions;
        this.writesets = writesets;
        this.eras = eras;
    }

    void format() {
        location = NONE;
    }

    void load(EraSuperblock state) {
        location = state.metadataSnapshot();
    }

    /** The block of the copy, 0 for none. */
    long location() {
        return location;
    }

    boolean exists() {
        return location != NONE;
    }

    /** Copies the superblock as the last commit wrote it, whose roots must still be the current ones. */
    void take() {
        // A second reference to block 0 makes shadowing copy it, and is dropped by doing so.
        transactions.inc(MetadataStore.SUPERBLOCK);
        try (Block copy = transactions.shadow(MetadataStore.SUPERBLOCK, EraSuperblockLayout.VALIDATOR, _ -> {
            transactions.inc(writesets.treeRoot());
            transactions.inc(eras.root());
        })) {
            location = copy.number();
        }
    }

    void drop() {
        long dropped = location;
        EraSuperblock copy;
        try (Block block = transactions.readLock(dropped, EraSuperblockLayout.VALIDATOR)) {
            copy = EraSuperblock.read(block.data());
        }
        location = NONE;
        writesets.deleteTree(copy.writesetTreeRoot());
        eras.delete(copy.eraArrayRoot());
        transactions.dec(dropped);
    }
}

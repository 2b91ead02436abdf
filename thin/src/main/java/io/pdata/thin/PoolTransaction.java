package io.pdata.thin;

import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.transaction.TransactionState;

/** The running transaction - whether it has changes, and is whole - and what was committed last. */
final class PoolTransaction {
    private final MetadataStore store;
    private final boolean writable;
    private volatile ThinSuperblock committed;

    PoolTransaction(MetadataStore store, boolean writable) {
        this.store = store;
        this.writable = writable;
    }

    /** Opens a scope for a change; see {@link TransactionState}. */
    TransactionState change() {
        return store.transactions().change();
    }

    /** Everything is as {@code superblock} says. */
    void startFrom(ThinSuperblock superblock) {
        committed = superblock;
    }

    boolean changed() {
        return store.transactions().changed();
    }

    /** What the last commit wrote. Any thread. */
    ThinSuperblock committed() {
        return committed;
    }

    boolean writable() {
        return writable && !store.blocks().readOnly() && !committed.needsCheck();
    }

    /** Whether no change has failed half way since the last commit or roll-back. */
    boolean whole() {
        return !store.transactions().failed();
    }

    /** @throws IllegalStateException if a change failed half way, and the transaction has not been rolled back since */
    void checkWhole() {
        store.transactions().checkUsable();
    }

    void checkWritable() {
        checkWhole();
        store.blocks().checkWritable();
        if (!writable()) {
            throw new ReadOnlyException(store.blocks().device().name() + " cannot be changed: " + (!writable
                    ? "it is open for reading only"
                    : "its metadata needs to be checked first"));
        }
    }
}

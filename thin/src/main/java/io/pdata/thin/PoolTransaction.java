package io.pdata.thin;

import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.store.TransactionGuard;

/** The running transaction - whether it has changes, and is whole - and what was committed last. */
final class PoolTransaction {
    private final MetadataStore store;
    private final boolean writable;
    private final TransactionGuard guard = new TransactionGuard();
    private volatile ThinSuperblock committed;

    PoolTransaction(MetadataStore store, boolean writable) {
        this.store = store;
        this.writable = writable;
    }

    /** Stands before every change; {@link #end} after it. */
    void begin() {
        guard.begin();
    }

    void end() {
        guard.end();
    }

    void rollBack() {
        guard.rollBack();
    }

    /** Everything is as {@code superblock} says. */
    void startFrom(ThinSuperblock superblock) {
        committed = superblock;
        guard.reset();
    }

    boolean changed() {
        return guard.changed();
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
        return guard.whole();
    }

    /** @throws IllegalStateException if a change failed half way, and the transaction has not been rolled back since */
    void checkWhole() {
        guard.checkWhole();
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

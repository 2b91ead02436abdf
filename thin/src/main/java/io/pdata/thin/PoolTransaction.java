package io.pdata.thin;

import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.store.MetadataStore;

/**
 * Whether the running transaction has changes, whether one of them failed half way, and what was committed last.
 *
 * <p>Every change stands between {@link #begin} and {@link #end}; if an exception comes in between, nothing but a
 * roll-back is allowed any more. (No lambdas or try blocks around the changes: mapping a block allocates nothing.)
 */
final class PoolTransaction {
    private final MetadataStore store;
    private final boolean writable;
    private volatile ThinSuperblock committed;
    private boolean changed;
    private boolean halfDone;

    PoolTransaction(MetadataStore store, boolean writable) {
        this.store = store;
        this.writable = writable;
    }

    void begin() {
        changed = true;
        halfDone = true;
    }

    void end() {
        halfDone = false;
    }

    /** Everything is as {@code superblock} says. */
    void startFrom(ThinSuperblock superblock) {
        committed = superblock;
        changed = false;
        halfDone = false;
    }

    boolean changed() {
        return changed;
    }

    /** What the last commit wrote. Any thread. */
    ThinSuperblock committed() {
        return committed;
    }

    boolean writable() {
        return writable && !store.blocks().readOnly() && !committed.needsCheck();
    }

    void checkWhole() {
        if (halfDone) {
            throw new IllegalStateException("a change failed half way: the transaction has to be rolled back");
        }
    }

    void checkWritable() {
        checkWhole();
        if (!writable()) {
            throw new ReadOnlyException(store.blocks().device().name() + " cannot be changed: " + (!writable
                    ? "it is open for reading only"
                    : committed.needsCheck() ? "its metadata needs to be checked first" : "it has failed"));
        }
    }
}

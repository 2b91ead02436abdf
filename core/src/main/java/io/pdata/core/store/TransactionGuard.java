package io.pdata.core.store;

/**
 * Knows whether the running transaction is whole. A change that ends by an exception may have been made by half, and
 * must never be committed: after {@link #begin} without {@link #end} nothing but a roll-back is possible.
 *
 * <pre>{@code
 * guard.begin();
 * ... change things; may throw ...
 * guard.end();
 * }</pre>
 *
 * <p>For the one writer; not thread-safe. Costs no allocation and no {@code try}.
 */
public final class TransactionGuard {
    private boolean changing;
    private boolean changed;

    /**
     * Begins a change.
     *
     * @throws IllegalStateException if an earlier one failed, and the transaction has not been rolled back since
     */
    public void begin() {
        checkWhole();
        changing = true;
        changed = true;
    }

    /** Whether no change has failed since the last commit or roll-back. */
    public boolean whole() {
        return !changing;
    }

    /** @throws IllegalStateException if a change failed, and the transaction has not been rolled back since */
    public void checkWhole() {
        if (changing) {
            throw new IllegalStateException(
                    "an earlier change of this transaction failed: roll back with abort() first");
        }
    }

    /** The change that began last has been made completely. */
    public void end() {
        changing = false;
    }

    /** A roll-back begins: until it has ended well, by {@link #reset}, nothing can be changed. */
    public void rollBack() {
        changing = true;
        changed = true;
    }

    /** A transaction has been committed or rolled back: the next one begins. */
    public void reset() {
        changing = false;
        changed = false;
    }

    /** Whether anything has been changed, or tried to, since the last commit or roll-back. */
    public boolean changed() {
        return changed;
    }
}

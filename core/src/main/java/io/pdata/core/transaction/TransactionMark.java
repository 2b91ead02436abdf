package io.pdata.core.transaction;

/**
 * Which transaction something was noted in, for example the place of a root: it tells whether that transaction has been
 * rolled back since, and of which store it was. Made once for each transaction.
 */
public final class TransactionMark {
    private final TransactionManager manager;
    private boolean rolledBack;

    TransactionMark(TransactionManager manager) {
        this.manager = manager;
    }

    void rollBack() {
        rolledBack = true;
    }

    void check(TransactionManager user, Object thing) {
        if (manager != user) {
            throw new IllegalStateException(thing + " belongs to another store");
        }
        if (rolledBack) {
            throw new IllegalStateException(thing + " is stale: the transaction that put it there was rolled back;"
                    + " take it from the committed superblock");
        }
    }

    /** Whether the transaction has been rolled back. */
    public boolean rolledBack() {
        return rolledBack;
    }
}

package io.pdata.core.transaction;

/** Lets a test, and only a test, continue after a failed change. */
public final class Forgiveness {
    private Forgiveness() {}

    /** Makes the running transaction changeable again. */
    public static void forgive(TransactionManager transactions) {
        transactions.state().reset();
    }
}

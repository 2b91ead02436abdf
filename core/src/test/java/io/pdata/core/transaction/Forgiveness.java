package io.pdata.core.transaction;

/** Lets a test work with what a failed change has left behind, which nothing else can. */
public final class Forgiveness {
    private Forgiveness() {}

    /** Makes the running transaction changeable again. */
    public static void forgive(TransactionManager transactions) {
        transactions.state().reset();
    }
}

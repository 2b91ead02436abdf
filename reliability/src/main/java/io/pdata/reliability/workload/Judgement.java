package io.pdata.reliability.workload;

/** Says that something is not as it has to be. */
public final class Judgement {
    private Judgement() {}

    /** @throws AssertionError unless it holds */
    public static void require(boolean holds, String otherwise, Object... arguments) {
        if (!holds) {
            throw new AssertionError(String.format(otherwise, arguments));
        }
    }
}

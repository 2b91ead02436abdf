package io.pdata.tools.check;

import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;

/** Makes findings of blocks that are counted wrongly: one for each run of neighbours with the same mistake. */
final class CountDifferences {
    private final String structure;
    private final Findings findings;
    private long begin;
    private long length;
    private long expected;
    private long counted;
    private long leaked;
    private long wrong;
    private boolean tooHigh;

    CountDifferences(String structure, Findings findings) {
        this.structure = structure;
        this.findings = findings;
    }

    /** A block, above all blocks named before. */
    void add(long block, long expectedCount, long countedCount) {
        if (length == 0 || block != begin + length || expectedCount != expected || countedCount != counted) {
            finish();
            begin = block;
            expected = expectedCount;
            counted = countedCount;
        }
        length++;
    }

    /** Reports the run that has not been reported yet. */
    void finish() {
        if (length == 0) {
            return;
        }
        boolean leak = expected == 0 && counted == 1;
        if (leak) {
            leaked += length;
        } else {
            wrong += length;
        }
        if (counted > expected) {
            tooHigh = true;
        } else {
            findings.ruleOutRepair("block " + begin + " of the " + structure
                    + " is counted less often than it is referred to: it may have been given to a second user,"
                    + " and overwritten");
        }
        String blocks = length == 1 ? "is" : "and the " + (length - 1) + " after it are";
        findings.addRepairable(Finding.of(leak ? Severity.NON_FATAL : Severity.FATAL,
                leak ? Finding.Kind.LEAK : Finding.Kind.WRONG_COUNT, structure, begin,
                blocks + " counted " + counted + " times, but referred to " + expected + " times"));
        length = 0;
    }

    /** Blocks counted once that nothing refers to. */
    long leaked() {
        return leaked;
    }

    /** Whether a block is counted more often than it is referred to. */
    boolean tooHigh() {
        return tooHigh;
    }

    /** Blocks counted wrongly in any other way. */
    long wrong() {
        return wrong;
    }
}

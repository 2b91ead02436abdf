package io.pdata.tools.check;

import io.pdata.tools.Finding;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;

/**
 * Counts entries of a space map beyond its end, and makes one finding of them. Kernels have left such garbage; it has
 * no effect until the map grows, when the space it counts is lost.
 */
final class BeyondEnd {
    private final long end;
    private long first;
    private long found;

    BeyondEnd(long end) {
        this.end = end;
    }

    /**
     * Adds {@code count} numbers, of which this one is the first; returns false, and adds nothing, if it is not beyond
     * the end.
     */
    boolean add(long number, long count) {
        if (Long.compareUnsigned(number, end) < 0) {
            return false;
        }
        if (found == 0 || Long.compareUnsigned(number, first) < 0) {
            first = number;
        }
        found += count;
        return true;
    }

    /**
     * Makes the finding, if there is something to find.
     *
     * @param problem has places for how many numbers there are, and the first of them
     */
    void report(String structure, String problem, Findings findings) {
        if (found > 0) {
            findings.addRepairable(Finding.of(Severity.NON_FATAL, Kind.WRONG_TOTAL, structure,
                    String.format(problem, found, Long.toUnsignedString(first))));
        }
    }
}

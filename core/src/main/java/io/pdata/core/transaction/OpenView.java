package io.pdata.core.transaction;

import java.time.Instant;
import java.util.List;

/**
 * Where a view was opened that has not been closed yet.
 *
 * @param thread the name of the thread that opened it
 * @param time when
 * @param opener the calls that led to it, the nearest first, without those of this package
 */
public record OpenView(String thread, Instant time, List<StackTraceElement> opener) {

    /** In one line. */
    @Override
    public String toString() {
        return "a view opened at " + time + " by thread '" + thread + "' in "
                + String.join(" < ", opener.stream().map(StackTraceElement::toString).toList());
    }
}

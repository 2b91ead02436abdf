package io.pdata.reliability.damage;

import io.pdata.tools.Findings;
import io.pdata.tools.Severity;

/** What a check makes of metadata, from the worst to the best. */
enum Verdict {
    /** There is no telling what it is. */
    REFUSED("refused"),
    /** Something is wrong that makes using it dangerous. */
    FATAL("fatal"),
    /** Something is wrong that does no harm before it is repaired. */
    NON_FATAL("non-fatal"),
    /** Something is odd. */
    NOTICE("notice"),
    /** Nothing was found. */
    MISSED("-");

    private final String text;

    Verdict(String text) {
        this.text = text;
    }

    static Verdict of(Findings findings) {
        return findings.count(Severity.FATAL) > 0
                ? FATAL
                : findings.count(Severity.NON_FATAL) > 0 ? NON_FATAL : findings.count() > 0 ? NOTICE : MISSED;
    }

    /** As the table has it. */
    String text() {
        return text;
    }
}

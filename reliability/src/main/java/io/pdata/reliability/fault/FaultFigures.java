package io.pdata.reliability.fault;

import java.util.EnumMap;
import java.util.Map;

/** What a campaign has done. */
public final class FaultFigures {
    private final Map<Fault.Kind, Long> runs = new EnumMap<>(Fault.Kind.class);
    private long images;
    private long wentOn;

    void ran(Fault.Kind kind) {
        runs.merge(kind, 1L, Long::sum);
    }

    void opened() {
        images++;
    }

    void wentOn() {
        wentOn++;
    }

    /** Adds another campaign's. */
    public void add(FaultFigures other) {
        other.runs.forEach((kind, count) -> runs.merge(kind, count, Long::sum));
        images += other.images;
        wentOn += other.wentOn;
    }

    /** How many runs there were in which something failed. */
    public long faults() {
        return runs.values().stream().mapToLong(Long::longValue).sum();
    }

    /** How many kinds of faults there were. */
    public int kinds() {
        return runs.size();
    }

    /** How many images were looked at afterwards; each different one was opened, read, checked and used. */
    public long images() {
        return images;
    }

    @Override
    public String toString() {
        return faults() + " faults " + runs + ", " + wentOn + " rolled back and gone on from, " + images
                + " images judged on a healthy disk";
    }
}

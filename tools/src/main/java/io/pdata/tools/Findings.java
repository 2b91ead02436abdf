package io.pdata.tools;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects findings from any number of threads: all are counted, the first {@value #KEPT} are kept, so that memory
 * stays bounded however damaged the metadata are. Thread-safe.
 */
public final class Findings {
    /** How many findings are kept. */
    public static final int KEPT = 10_000;

    private static final int PRINTED = 20;

    private final Map<Severity, Long> counts = new EnumMap<>(Severity.class);
    private final Map<Finding.Kind, Long> kinds = new EnumMap<>(Finding.Kind.class);
    private final List<Finding> kept = new ArrayList<>();
    private boolean repairable;
    private String obstacle;

    /** Counts a finding that cannot be repaired in place, and keeps it if there is room. */
    public synchronized void add(Finding finding) {
        if (finding.severity() != Severity.NOTICE && obstacle == null) {
            obstacle = finding.text();
        }
        keep(finding);
    }

    /** As {@link #add}, for a finding that a repair in place fixes without changing the meaning of the metadata. */
    public synchronized void addRepairable(Finding finding) {
        repairable |= finding.severity() != Severity.NOTICE;
        keep(finding);
    }

    private void keep(Finding finding) {
        counts.merge(finding.severity(), 1L, Long::sum);
        kinds.merge(finding.kind(), 1L, Long::sum);
        if (kept.size() < KEPT) {
            kept.add(finding);
        }
    }

    /** How many findings of a severity there were, kept or not. */
    public synchronized long count(Severity severity) {
        return counts.getOrDefault(severity, 0L);
    }

    /** How many findings of a kind there were, kept or not. */
    public synchronized long count(Finding.Kind kind) {
        return kinds.getOrDefault(kind, 0L);
    }

    /** How many findings there were, kept or not. */
    public synchronized long count() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Whether something is wrong, and a repair in place fixes all of it. */
    public synchronized boolean repairableInPlace() {
        return repairable && obstacle == null;
    }

    /** Why not everything can be repaired in place; null if everything can. */
    public synchronized String obstacle() {
        return obstacle;
    }

    /** Rules out a repair in place: together the findings show that something is lost. */
    public synchronized void ruleOutRepair(String reason) {
        obstacle = obstacle == null ? reason : obstacle;
    }

    /** Those kept, in an order that does not depend on which thread was faster. */
    public synchronized List<Finding> all() {
        List<Finding> sorted = new ArrayList<>(kept);
        sorted.sort(Findings::compare);
        return sorted;
    }

    private static int compare(Finding a, Finding b) {
        int order = a.severity().compareTo(b.severity());
        order = order != 0 ? order : NumberedText.ORDER.compare(a.structure(), b.structure());
        order = order != 0 ? order : Long.compareUnsigned(a.block() + 1, b.block() + 1); // those without a block first
        return order != 0 ? order : NumberedText.ORDER.compare(a.problem(), b.problem());
    }

    /** Prints the findings, one in a line, the most severe first; of very many of a kind in one structure only some. */
    public void printTo(Report report) {
        Map<List<Object>, Integer> alike = new HashMap<>();
        long printed = 0;
        for (Finding finding : all()) {
            if (alike.merge(List.of(finding.structure(), finding.kind()), 1, Integer::sum) <= PRINTED) {
                report.problem(finding.text());
                printed++;
            }
        }
        if (count() > printed) {
            report.problem("... and " + (count() - printed) + " more findings");
        }
    }
}

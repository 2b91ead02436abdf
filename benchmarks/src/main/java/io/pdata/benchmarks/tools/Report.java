package io.pdata.benchmarks.tools;

import io.pdata.benchmarks.Spread;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Writes what was measured as tables in Markdown, and what of it was aimed at. */
final class Report {
    private static final long MANY = 8_000_000;
    private static final double RESTORE_MEMORY = 0.5;
    private static final double REPAIR_OF_LITTLE = 10;
    private static final int START_UP_MILLIS = 120;
    private static final List<String> AS_FAST = List.of("check", "dump", "restore", "repair", "delta", "ls", "rmap",
            "pack", "unpack");

    private final String other;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder goals = new StringBuilder(
            "### What was aimed at\n\n| goal | measured | |\n|---|---|---|\n");

    /** @param other what the others are called */
    Report(String other) {
        this.other = other;
    }

    /**
     * Adds a table of all jobs on some images.
     *
     * @param limits what the machine takes for the same bytes, in words
     */
    void add(Images images, List<Comparison> comparisons, String limits) {
        text.append("### ").append(images.label()).append("\n\n| | pdata, s | ").append(other)
                .append(", s | times as fast | pdata, processor s | ").append(other)
                .append(", processor s | pdata, MiB | ")
                .append(other).append(", MiB |\n|---|---|---|---|---|---|---|---|\n");
        for (Comparison one : comparisons) {
            text.append("| ").append(one.job().name());
            for (Optional<String> cell : List.of(range(one.spread(true, Measurement::seconds)),
                    range(one.spread(false, Measurement::seconds)), range(one.timesAsFast()),
                    median(one.spread(true, Measurement::processorSeconds)),
                    median(one.spread(false, Measurement::processorSeconds)), one.memory(true).map(String::valueOf),
                    one.memory(false).map(String::valueOf))) {
                text.append(" | ").append(cell.orElse("-"));
            }
            text.append(" |\n");
            addGoals(images, one);
        }
        text.append('\n').append(limits).append('\n');
    }

    private void addGoals(Images images, Comparison one) {
        String name = one.job().name() + ", " + images.label();
        if (images.nearlyEmpty() && one.job().name().equals("repair")) {
            atLeast(name, one, REPAIR_OF_LITTLE);
        } else if (images.mappings() >= MANY && AS_FAST.contains(one.job().name())) {
            atLeast(name, one, 1);
        }
        if (images.mappings() >= MANY && one.job().name().equals("restore")) {
            Optional<Double> part = one.memory(true)
                    .flatMap(ours -> one.memory(false).map(others -> (double) ours / others));
            goal(name + ": at most half the memory of " + other, part, "%.2f times its memory",
                    measured -> measured <= RESTORE_MEMORY);
        }
    }

    private void atLeast(String name, Comparison one, double times) {
        goal(name + ": at least " + (times == 1 ? "as fast as " : "%.0f times as fast as ".formatted(times)) + other,
                one.timesAsFast().map(Spread::median), "%.2f times as fast", measured -> measured >= times);
    }

    private void goal(String goal, Optional<Double> measured, String format, Function<Double, Boolean> reached) {
        measured.ifPresent(value -> goals.append("| ").append(goal).append(" | ")
                .append(String.format(Locale.ROOT, format, value)).append(" | ")
                .append(reached.apply(value) ? "reached" : "**missed**").append(" |\n"));
    }

    /**
     * Adds how long the program takes to start.
     *
     * @param lines what the script for that printed
     * @param checkMillis a small check, in milliseconds
     */
    void addStartUp(String lines, int checkMillis) {
        text.append("### Start-up\n\nMedian and least of a program that is installed, in milliseconds:\n\n```\n")
                .append(lines.strip()).append("\n```\n\n");
        goal("a small check: at most " + START_UP_MILLIS + " ms", Optional.of((double) checkMillis), "%.0f ms",
                measured -> measured <= START_UP_MILLIS);
    }

    /** All tables; the goals last. */
    String markdown() {
        return text.toString() + goals;
    }

    private static Optional<String> median(Optional<Spread> spread) {
        return spread.map(all -> String.format(Locale.ROOT, "%.2f", all.median()));
    }

    private static Optional<String> range(Optional<Spread> spread) {
        return spread.map(all -> String.format(Locale.ROOT, "**%.2f** (%.2f - %.2f)", all.median(), all.least(),
                all.most()));
    }
}

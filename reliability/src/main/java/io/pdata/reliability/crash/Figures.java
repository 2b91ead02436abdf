package io.pdata.reliability.crash;

import java.util.Properties;

/** What a campaign has done so far. One thread. */
public final class Figures {
    long sequences;
    long crashPoints;
    long states;
    long distinctImages;
    long verifications;
    long cycles;
    long commits;

    void add(Figures other) {
        sequences += other.sequences;
        crashPoints += other.crashPoints;
        states += other.states;
        distinctImages += other.distinctImages;
        verifications += other.verifications;
        cycles += other.cycles;
        commits += other.commits;
    }

    /** How many states a crash could have left have been enumerated and judged. */
    public long states() {
        return states;
    }

    /** How many of them were different images. */
    public long distinctImages() {
        return distinctImages;
    }

    /** How many times something was cut off, opened again and gone on with. */
    public long cycles() {
        return cycles;
    }

    void store(Properties properties, String prefix) {
        properties.setProperty(prefix + "sequences", Long.toString(sequences));
        properties.setProperty(prefix + "crashPoints", Long.toString(crashPoints));
        properties.setProperty(prefix + "states", Long.toString(states));
        properties.setProperty(prefix + "distinctImages", Long.toString(distinctImages));
        properties.setProperty(prefix + "verifications", Long.toString(verifications));
        properties.setProperty(prefix + "cycles", Long.toString(cycles));
        properties.setProperty(prefix + "commits", Long.toString(commits));
    }

    static Figures load(Properties properties, String prefix) {
        Figures figures = new Figures();
        figures.sequences = number(properties, prefix + "sequences");
        figures.crashPoints = number(properties, prefix + "crashPoints");
        figures.states = number(properties, prefix + "states");
        figures.distinctImages = number(properties, prefix + "distinctImages");
        figures.verifications = number(properties, prefix + "verifications");
        figures.cycles = number(properties, prefix + "cycles");
        figures.commits = number(properties, prefix + "commits");
        return figures;
    }

    private static long number(Properties properties, String name) {
        return Long.parseLong(properties.getProperty(name, "0"));
    }

    @Override
    public String toString() {
        String text = "";
        if (sequences > 0) {
            text += sequences + " sequences, ";
        }
        if (cycles > 0) {
            text += cycles + " crash-and-reopen cycles, " + commits + " commits, ";
        }
        return text + crashPoints + " crash points, " + states + " states, " + distinctImages + " distinct images, "
                + verifications + " verifications";
    }
}

package io.pdata.reliability.pool;

/** What a campaign on pools has gone through. */
public final class PoolFigures {
    long sequences;
    long cycles;
    long moments;
    long powerCuts;
    long kills;
    long faults;
    long verifications;

    /** How many states that a crash could have left have been judged. */
    public long states() {
        return powerCuts + kills;
    }

    /** How many runs something failed in. */
    public long faults() {
        return faults;
    }

    @Override
    public String toString() {
        return (sequences > 0 ? sequences + " sequences, " : "") + (cycles > 0 ? cycles + " cycles, " : "")
                + (faults > 0 ? faults + " faults, " : "") + moments + " moments, " + powerCuts + " power cuts, "
                + kills
                + " kills, " + verifications + " different states verified";
    }
}

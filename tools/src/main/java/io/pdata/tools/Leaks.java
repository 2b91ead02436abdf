package io.pdata.tools;

import java.util.Arrays;

/**
 * Blocks that a space map counts once though nothing refers to them, as runs. The first {@value #MOST_RUNS} runs are
 * remembered: 16 MiB. Not thread-safe.
 */
public final class Leaks {
    /** How many runs are remembered. */
    public static final int MOST_RUNS = 1 << 20;

    private static final int FIRST_SIZE = 64;

    /** Begin and end of each run. */
    private long[] runs = new long[FIRST_SIZE];
    private int count;
    private boolean complete = true;

    /** Gets runs. */
    @FunctionalInterface
    public interface Visitor {
        /** @param end the block behind the last */
        void run(long begin, long end);
    }

    /** Remembers a run if there is room. */
    public void add(long begin, long end) {
        if (count == MOST_RUNS) {
            complete = false;
            return;
        }
        if (2 * count == runs.length) {
            runs = Arrays.copyOf(runs, 2 * runs.length);
        }
        runs[2 * count] = begin;
        runs[2 * count + 1] = end;
        count++;
    }

    /** Whether there are some. */
    public boolean any() {
        return count > 0;
    }

    /** Whether all are remembered. */
    public boolean complete() {
        return complete;
    }

    public void forEach(Visitor visitor) {
        for (int i = 0; i < count; i++) {
            visitor.run(runs[2 * i], runs[2 * i + 1]);
        }
    }
}

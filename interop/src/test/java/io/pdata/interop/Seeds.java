package io.pdata.interop;

import java.util.SplittableRandom;

/**
 * The seed of a test's random workload, and how much of it is done: always the same, unless {@code -Dinterop.seed=N} and
 * {@code -Dinterop.rounds=N} ask for others. The seed is printed.
 */
public final class Seeds {
    private static final long USUAL = 20_250_601;

    private Seeds() {}

    /** A source of random numbers for the named test. */
    public static SplittableRandom random(String test) {
        System.out.println(test + ": -Dinterop.seed=" + first());
        return new SplittableRandom(first() ^ test.hashCode());
    }

    /** The first seed, of those that a test goes through one by one. */
    public static long first() {
        return Long.getLong("interop.seed", USUAL);
    }

    /** How often a test is to do what it does: by default, and with {@code -Dlong.tests=true}. */
    public static int rounds(int usual, int many) {
        return Integer.getInteger("interop.rounds", Boolean.getBoolean("long.tests") ? many : usual);
    }
}

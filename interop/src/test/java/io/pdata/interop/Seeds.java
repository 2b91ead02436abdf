package io.pdata.interop;

import java.util.SplittableRandom;

/** The seed of a test's random workload: always the same, unless {@code -Dinterop.seed=N} gives another. Printed. */
public final class Seeds {
    private static final long USUAL = 20_250_601;

    private Seeds() {}

    /** A source of random numbers for the named test. */
    public static SplittableRandom random(String test) {
        long seed = Long.getLong("interop.seed", USUAL);
        System.out.println(test + ": -Dinterop.seed=" + seed);
        return new SplittableRandom(seed ^ test.hashCode());
    }
}

package io.pdata.fuzz;

/** What Jazzer calls. The target is named by the system property {@value #TARGET}. */
public final class JazzerEntry {
    static final String TARGET = "fuzz.target";

    private static final String NAME = System.getProperty(TARGET, Targets.ALL);

    private JazzerEntry() {}

    /** Prepares before the first input, whose time is limited: under coverage on a busy machine it takes long. */
    public static void fuzzerInitialize() {
        Targets.prepare(NAME);
    }

    /** Runs one input; whatever it throws is a finding. */
    public static void fuzzerTestOneInput(byte[] input) {
        Targets.run(NAME, input);
    }
}

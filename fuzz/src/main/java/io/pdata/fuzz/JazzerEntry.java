package io.pdata.fuzz;

import io.pdata.fuzz.image.Images;

/** What Jazzer calls. The target is named by the system property {@value #TARGET}. */
public final class JazzerEntry {
    static final String TARGET = "fuzz.target";

    private static final String NAME = System.getProperty(TARGET, Targets.ALL);

    private JazzerEntry() {}

    /** Makes the images before the first input, whose time is limited: under coverage on a busy machine it takes long. */
    public static void fuzzerInitialize() {
        Images.all();
    }

    /** Runs one input; whatever it throws is a finding. */
    public static void fuzzerTestOneInput(byte[] input) {
        Targets.run(NAME, input);
    }
}

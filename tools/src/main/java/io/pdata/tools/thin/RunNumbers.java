package io.pdata.tools.thin;

import io.pdata.tools.thin.ThinReverseMap.Run;

/** Runs as numbers in an array, so that very many make no objects: data blocks, volume, and its own first block. */
final class RunNumbers {
    static final int BEGIN = 0;
    static final int END = 1;
    static final int DEVICE = 2;
    static final int ORIGIN = 3;
    /** How many numbers a run has. */
    static final int NUMBERS = 4;

    private RunNumbers() {}

    /** The order of {@link ThinReverseMap.Visitor}, of the runs whose numbers begin at {@code atA} and {@code atB}. */
    static int compare(long[] a, int atA, long[] b, int atB) {
        for (int i = 0; i < NUMBERS; i++) {
            if (a[atA + i] != b[atB + i]) {
                return Long.compareUnsigned(a[atA + i], b[atB + i]);
            }
        }
        return 0;
    }

    static Run run(long[] runs, int at) {
        return new Run(runs[at + BEGIN], runs[at + END], runs[at + DEVICE], runs[at + ORIGIN]);
    }
}

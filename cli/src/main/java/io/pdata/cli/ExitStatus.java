package io.pdata.cli;

/** What a tool's process ends with. */
final class ExitStatus {
    static final int OK = 0;
    /** The command line is wrong. */
    static final int USAGE = 2;
    /** The tool could not do its work, or a check has found something. */
    static final int FAILURE = 64;
    /** There is a mistake in the tool itself. */
    static final int INTERNAL = 70;

    private ExitStatus() {}
}

package io.pdata.cli.tool;

/** What a tool's process ends with. */
public final class ExitStatus {
    public static final int OK = 0;
    /** The command line is wrong. */
    public static final int USAGE = 2;
    /** The tool could not do its work, or a check has found something. */
    public static final int FAILURE = 64;
    /** What was to be worked on has not passed the check that comes first. */
    public static final int CHECK_FIRST = 65;
    /** There is a mistake in the tool itself. */
    public static final int INTERNAL = 70;

    private ExitStatus() {}
}

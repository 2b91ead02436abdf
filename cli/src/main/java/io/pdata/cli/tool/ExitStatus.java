package io.pdata.cli.tool;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The status that a tool's process ends with. */
public final class ExitStatus {
    public static final int OK = 0;
    /** The command line is wrong. */
    public static final int USAGE = 2;
    /** The tool failed, or a check has found something. */
    public static final int FAILURE = 64;
    /** The metadata have not passed the check that comes first. */
    public static final int CHECK_FIRST = 65;
    /** There is a fault in the tool itself. */
    public static final int INTERNAL = 70;
    /** Memory or threads have run out. */
    public static final int RESOURCES = 71;

    private static final Set<String> CHECKING_FIRST = Set.of("thin_trim", "cache_writeback");

    private ExitStatus() {}

    /** The statuses that a tool can end with, each followed by its meaning. */
    public static List<String> meanings(String tool) {
        List<String> meanings = new ArrayList<>(List.of("0 success",
                "1 the Java virtual machine could not start, as a message says: a limit of memory or threads is too low",
                "2 the command line is wrong", tool.endsWith("_check")
                        ? "64 it found something wrong, or could not check"
                        : "64 it could not be done"));
        if (CHECKING_FIRST.contains(tool)) {
            meanings.add("65 the metadata have not passed the check that comes first; nothing was changed");
        }
        meanings.add("70 a fault in the program itself: please report it");
        meanings.add("71 memory or threads ran out; PDATA_JAVA=-Xmx4g gives more memory");
        return meanings;
    }
}

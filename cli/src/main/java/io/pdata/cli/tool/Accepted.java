package io.pdata.cli.tool;

/** What is taken where thin-provisioning-tools take it, for scripts that say it, and changes nothing here. */
public final class Accepted {
    private static final Kind<String> ENGINE = Kind.oneOf("async", "spindle", "sync");

    private Accepted() {}

    /** How they read. This program reads in one way, which suits files, disks and SSDs. */
    public static void engine(Definition tool) {
        tool.option(ENGINE, "--io-engine").label("<IO_ENGINE>").means("How to read and write; without effect").hidden()
                .into(_ -> {
                });
    }

    /** How much they say, also several times. */
    public static void verbose(Definition tool) {
        tool.flags("-v").means("Say more; without effect").hidden().into(_ -> {
        });
    }

    /** A parameter that LVM passes. */
    public static void argument(Definition tool) {
        tool.optionalParameter(Kind.TEXT).label("<IGNORED>").means("Ignored").hidden().into(_ -> {
        });
    }
}

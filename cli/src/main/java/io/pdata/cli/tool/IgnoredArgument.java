package io.pdata.cli.tool;

import picocli.CommandLine.Parameters;

/** One more argument, which thin-provisioning-tools accept and ignore: LVM passes an empty one. */
public final class IgnoredArgument {
    @Parameters(index = "0", arity = "0..1", hidden = true, paramLabel = "<IGNORED>", description = "Ignored")
    private String ignored;
}

package io.pdata.cli.tool;

import picocli.CommandLine.Option;

/** Accepted where thin-provisioning-tools accept it; messages are the same with and without it. */
public final class VerboseOption {
    @Option(names = "-v", hidden = true, description = "Increase log verbosity")
    private boolean[] verbose;
}

package io.pdata.cli.pool;

import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the commands about a pool have in common. */
final class Common {
    @Parameters(index = "0", paramLabel = "DIR", description = "The folder of the pool.")
    Path folder;

    @Option(names = "--json", description = "Print the answer, or the error, as JSON.")
    boolean json;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Print help.")
    private boolean help;
}

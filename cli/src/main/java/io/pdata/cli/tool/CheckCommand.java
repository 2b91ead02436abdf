package io.pdata.cli.tool;

import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Severity;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the three checks have in common. */
public abstract class CheckCommand extends ToolCommand {
    @Parameters(index = "0", paramLabel = "<INPUT>", description = "Specify the input device to check")
    private Path input;

    @Option(names = {"-q", "--quiet"}, description = "Suppress output messages, return only exit code.")
    private boolean quiet;

    @Option(names = "--super-block-only", description = "Only check the superblock.")
    private boolean superBlockOnly;

    @Option(names = "--ignore-non-fatal-errors", description = "Only return a non-zero exit code if a fatal error is found.")
    private boolean ignoreNonFatal;

    @Mixin
    private EngineOption engine;

    @Mixin
    private VerboseOption verbose;

    protected CheckCommand(Console console) {
        super(console);
    }

    protected abstract Findings check(MetadataFile file, boolean onlySuperBlock);

    /** Opens the metadata. */
    protected MetadataFile open(Path metadata) {
        return MetadataFile.open(metadata);
    }

    @Override
    protected int run() {
        if (quiet) {
            console().silence();
        }
        try (MetadataFile file = open(input)) {
            MetadataFile.refuseXml(input);
            Findings findings = checkWatched(file);
            boolean failed = findings.count(Severity.FATAL) > 0
                    || findings.count(Severity.NON_FATAL) > 0 && !ignoreNonFatal;
            return failed ? ExitStatus.FAILURE : ExitStatus.OK;
        }
    }

    private Findings checkWatched(MetadataFile file) {
        try (ProgressLine _ = new ProgressLine(console(), file::bytesRead, file.size())) {
            return check(file, superBlockOnly);
        }
    }
}

package io.pdata.cli;

import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Severity;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** What the three checks have in common. */
abstract class CheckCommand extends ToolCommand {
    @Option(names = {"-q", "--quiet"}, description = "Suppress output messages, return only exit code.")
    private boolean quiet;

    @Option(names = "--super-block-only", description = "Only check the superblock.")
    private boolean superBlockOnly;

    @Option(names = "--ignore-non-fatal-errors", description = "Only return a non-zero exit code if a fatal error is found.")
    private boolean ignoreNonFatal;

    CheckCommand(Console console) {
        super(console);
    }

    abstract Findings check(MetadataFile file, boolean onlySuperBlock);

    /** Opens the metadata. */
    MetadataFile open(Path metadata) {
        return MetadataFile.open(metadata);
    }

    @Override
    final int run(Path metadata) {
        if (quiet) {
            console().silence();
        }
        try (MetadataFile file = open(metadata)) {
            MetadataFile.refuseXml(metadata);
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

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

    @Option(names = "--json", description = "Print what is found, and what a repair would keep, as JSON")
    private boolean json;

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

    /** What a repair would keep of metadata with fatal findings; null if not all of them were looked at. */
    protected abstract Outlook outlook(MetadataFile file);

    /** The tool that puts right what is fatal. */
    protected abstract String repairTool();

    /** Puts right what can be, if that is wanted; returns whether nothing is wrong any more. */
    protected boolean mend(MetadataFile file, Findings findings) {
        return false;
    }

    /** The metadata have passed. */
    protected void passed(MetadataFile file) {}

    @Override
    protected int run() {
        if (quiet) {
            console().silence();
        }
        if (json) {
            console().keepResults();
        }
        try (MetadataFile file = open(input)) {
            MetadataFile.refuseXml(input);
            Findings findings = checkWatched(file);
            int status = report(file, findings, mend(file, findings));
            if (status == ExitStatus.OK) {
                passed(file);
            }
            return status;
        }
    }

    private int report(MetadataFile file, Findings findings, boolean mended) {
        boolean fatal = findings.count(Severity.FATAL) > 0;
        boolean failed = fatal || findings.count(Severity.NON_FATAL) > 0 && !ignoreNonFatal && !mended;
        Outlook outlook = fatal && !quiet && !superBlockOnly ? outlook(file) : null;
        String next = fatal ? repairTool() + " -i " + input + " -o NEW" : null;
        if (json && !quiet) {
            console().out().println(CheckJson.of(findings, console().keptResults(), outlook, next));
        } else if (outlook != null) {
            console().problem("A repair would keep: " + outlook.summary());
            outlook.losses().forEach(console()::problem);
            console().problem("To repair: " + next + ", where NEW is an existing file or device, at least as large");
        }
        return failed ? ExitStatus.FAILURE : ExitStatus.OK;
    }

    private Findings checkWatched(MetadataFile file) {
        try (ProgressLine _ = new ProgressLine(console(), file::bytesRead, file.size())) {
            return check(file, superBlockOnly);
        }
    }
}

package io.pdata.cli.tool;

import io.pdata.tools.FileKind;
import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Severity;
import io.pdata.tools.SuperblockException;
import java.nio.file.Path;

/** What the three checks have in common. */
public abstract class CheckCommand extends ToolCommand {
    private Path input;
    private boolean quiet;
    private boolean superBlockOnly;
    private boolean ignoreNonFatal;
    private boolean json;

    protected CheckCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.parameter(Kind.PATH).label("<INPUT>").means("The metadata: a device or a file")
                .into(value -> input = value);
        tool.reads(Needed.METADATA, () -> input);
        tool.flag("-q", "--quiet").means("Print nothing: the exit status is the answer").into(on -> quiet = on);
        tool.flag("--super-block-only").means("Check the superblock only").into(on -> superBlockOnly = on);
        tool.flag("--ignore-non-fatal-errors").means("Exit with 0 unless something is lost or unsafe")
                .into(on -> ignoreNonFatal = on);
        tool.flag("--json").means("Print what is found, and what a repair would keep, as JSON").into(on -> json = on);
        Accepted.engine(tool);
        Accepted.verbose(tool);
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

    /** The command that puts right in place all that was found, or null if there is none. */
    protected String mendingCommand(Findings findings, Path metadata) {
        return null;
    }

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
            Findings findings = findings(file);
            int status = report(file, findings, mend(file, findings));
            if (status == ExitStatus.OK) {
                passed(file);
            }
            return status;
        }
    }

    /** Without a superblock there is nothing to check, but still something to be said. */
    private Findings findings(MetadataFile file) {
        try {
            return checkWatched(file);
        } catch (SuperblockException e) {
            console().problem(e.getMessage());
            Findings findings = new Findings();
            String wrong = wrongInput();
            findings.add(Finding.of(Severity.FATAL, Finding.Kind.DAMAGE, "superblock", e.block(),
                    e.getMessage() + (wrong == null ? "" : "; " + wrong)));
            return findings;
        }
    }

    private int report(MetadataFile file, Findings findings, boolean mended) {
        boolean fatal = findings.count(Severity.FATAL) > 0 && !mended;
        boolean flawed = findings.count(Severity.NON_FATAL) > 0 && !mended;
        boolean forecast = !quiet && !superBlockOnly;
        boolean repairable = (fatal || flawed) && isRepairable();
        Outlook outlook = fatal && forecast && repairable ? outlook(file) : null;
        String next = repairable ? next(findings, outlook) : null;
        if (json && !quiet) {
            console().out().println(CheckJson.of(findings, console().keptResults(), outlook, next));
        } else if (outlook != null && mendingCommand(findings, input) != null) {
            console().problem("To repair in place: " + next);
        } else if (outlook != null) {
            console().problem("A repair would keep: " + outlook.summary());
            outlook.losses().forEach(console()::problem);
            if (next != null) {
                console()
                        .problem("To repair: " + next + ", where NEW is an existing file or device, at least as large");
            }
        } else if (flawed && forecast && mendingCommand(findings, input) == null) {
            console().problem("Nothing is lost; to have it put right: " + next
                    + ", where NEW is an existing file or device, at least as large");
        }
        return fatal || flawed && !ignoreNonFatal ? ExitStatus.FAILURE : ExitStatus.OK;
    }

    /** Whether the input may hold metadata for this tool: with a lost superblock it may also begin with zeroes. */
    private boolean isRepairable() {
        return wrongInput() == null || FileKind.of(input).form() == FileKind.Form.NOTHING;
    }

    /** The command to run next, or null if none is of use. */
    private String next(Findings findings, Outlook outlook) {
        if (outlook != null && !outlook.possible()) {
            return null;
        }
        String mending = mendingCommand(findings, input);
        return mending != null
                ? mending
                : repairTool() + " -i " + input + " -o NEW" + (outlook == null ? "" : outlook.neededOptions());
    }

    private Findings checkWatched(MetadataFile file) {
        try (ProgressLine _ = new ProgressLine(console(), file::bytesRead, file.size())) {
            return check(file, superBlockOnly);
        }
    }
}

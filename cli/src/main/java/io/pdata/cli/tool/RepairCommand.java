package io.pdata.cli.tool;

import io.pdata.core.device.Device;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.OutputFile;
import java.nio.file.Path;
import java.util.List;

/** What the three repairs have in common. The input is opened for reading only. */
public abstract class RepairCommand extends ToolCommand {
    private Path input;
    private Path output;
    private boolean quiet;
    private boolean json;

    protected RepairCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.option(Kind.PATH, "-i", "--input").label("<FILE>").means("The metadata: a device or a file").required()
                .into(value -> input = value);
        tool.reads(Needed.METADATA, () -> input);
        tool.option(Kind.PATH, "-o", "--output").label("<FILE>")
                .means("Where to write: a device or file that exists and is large enough; its content is lost")
                .required()
                .into(value -> output = value);
        tool.flag("-q", "--quiet").means("Print nothing: the exit status is the answer").into(on -> quiet = on);
        tool.flag("--json").means("Print what is kept and what is lost as JSON").into(on -> json = on);
        Accepted.engine(tool);
        Accepted.verbose(tool);
    }

    /** @param device is overwritten, and closed */
    protected abstract Outlook repair(MetadataFile file, Device device);

    /** Prints something that is wanted instead of a repair: for programs, or line by line. */
    protected final void print(Object forPrograms, List<String> lines) {
        if (json) {
            console().out().println(Json.of(forPrograms));
        } else {
            lines.forEach(console()::result);
        }
    }

    @Override
    protected int run() {
        if (quiet) {
            console().silence();
        }
        TwoFiles.require("input", input, output, "what can be saved of it would be overwritten");
        try (MetadataFile file = MetadataFile.open(input);
                ProgressLine _ = new ProgressLine(console(), file::bytesRead, file.size())) {
            Outlook kept = repair(file, OutputFile.open(output));
            if (json && !quiet) {
                console().out().println(Json.of(kept.json()));
            } else {
                kept.losses().forEach(console()::problem);
            }
        }
        return ExitStatus.OK;
    }

    /** Opens the input for whoever only wants to look at it. */
    protected final MetadataFile openInput() {
        return MetadataFile.open(input);
    }
}

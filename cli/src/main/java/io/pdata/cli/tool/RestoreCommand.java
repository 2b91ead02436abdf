package io.pdata.cli.tool;

import io.pdata.core.device.Device;
import io.pdata.tools.OutputFile;
import java.io.InputStream;
import java.nio.file.Path;

/** What the three restores have in common. */
public abstract class RestoreCommand extends ToolCommand {
    private Path input;
    private Path output;
    private boolean quiet;

    protected RestoreCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.option(Kind.PATH, "-i", "--input").label("<FILE>").means("The dump to read (XML)").required()
                .into(value -> input = value);
        tool.reads(Needed.DUMP, () -> input);
        tool.option(Kind.PATH, "-o", "--output").label("<FILE>")
                .means("Where to write: a device or file that exists and is large enough; its content is lost")
                .required()
                .into(value -> output = value);
        tool.flag("-q", "--quiet").means("Print nothing: the exit status is the answer").into(on -> quiet = on);
        Accepted.engine(tool);
        Accepted.verbose(tool);
    }

    /** @param device is closed by whoever does the work */
    protected abstract void restore(InputStream xml, Device device);

    @Override
    protected int run() {
        if (quiet) {
            console().silence();
        }
        TwoFiles.require("input", input, output, "it would be overwritten while it is read");
        try (InputFile xml = InputFile.open(input);
                ProgressLine _ = new ProgressLine(console(), xml::bytesRead, xml.size())) {
            restore(xml, OutputFile.open(output));
        }
        return ExitStatus.OK;
    }
}

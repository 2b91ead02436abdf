package io.pdata.cli.tool;

import io.pdata.tools.MetadataFile;
import io.pdata.tools.text.TextOut;
import java.nio.file.Path;
import java.util.function.Supplier;

/** What the three dumps have in common. */
public abstract class DumpCommand extends ToolCommand {
    private Path input;
    private Path output;

    protected DumpCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.parameter(Kind.PATH).label("<INPUT>").means("The metadata: a device or a file")
                .into(value -> input = value);
        tool.reads(Needed.METADATA, () -> input);
        tool.option(Kind.PATH, "-o", "--output").label("<FILE>").means("Write to this file instead of standard output")
                .into(value -> output = value);
        Accepted.engine(tool);
    }

    protected abstract void dump(MetadataFile file, Supplier<TextOut> out);

    /** Opens the metadata. */
    protected MetadataFile open(Path metadata) {
        return MetadataFile.open(metadata);
    }

    @Override
    protected int run() {
        if (output != null) {
            TwoFiles.require("input", input, output, "it would be emptied first");
        }
        TextOut[] opened = new TextOut[1];
        try (MetadataFile file = open(input)) {
            dumpWatched(file, () -> opened[0] = writeTo());
        } finally {
            if (opened[0] != null && output != null) {
                opened[0].close();
            }
        }
        return ExitStatus.OK;
    }

    private void dumpWatched(MetadataFile file, Supplier<TextOut> out) {
        if (output == null && Console.outputIsTerminal()) {
            dump(file, out); // whoever reads along sees how far it is
            return;
        }
        try (ProgressLine _ = new ProgressLine(console(), file::bytesRead, file.size())) {
            dump(file, out);
        }
    }

    private TextOut writeTo() {
        return output != null ? TextOut.to(output) : console().standardOutput();
    }
}

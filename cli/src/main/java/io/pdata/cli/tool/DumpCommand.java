package io.pdata.cli.tool;

import io.pdata.tools.MetadataFile;
import io.pdata.tools.text.TextOut;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the three dumps have in common. */
public abstract class DumpCommand extends ToolCommand {
    @Parameters(index = "0", paramLabel = "<INPUT>", description = "Specify the input device to dump")
    private Path input;

    @Option(names = {"-o",
        "--output"}, paramLabel = "<FILE>", description = "Specify the output file rather than stdout")
    private Path output;

    @Mixin
    private EngineOption engine;

    protected DumpCommand(Console console) {
        super(console);
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

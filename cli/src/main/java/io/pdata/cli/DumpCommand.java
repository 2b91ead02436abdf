package io.pdata.cli;

import io.pdata.tools.MetadataFile;
import io.pdata.tools.text.TextOut;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** What the three dumps have in common. */
abstract class DumpCommand extends ToolCommand {
    @Option(names = {"-o",
        "--output"}, paramLabel = "<FILE>", description = "Specify the output file rather than stdout")
    private Path output;

    DumpCommand(Console console) {
        super(console);
    }

    abstract void dump(MetadataFile file, Supplier<TextOut> out);

    /** Opens the metadata. */
    MetadataFile open(Path metadata) {
        return MetadataFile.open(metadata);
    }

    @Override
    int run(Path metadata) {
        TextOut[] opened = new TextOut[1];
        try (MetadataFile file = open(metadata)) {
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

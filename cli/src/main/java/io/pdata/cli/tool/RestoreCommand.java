package io.pdata.cli.tool;

import io.pdata.core.device.Device;
import io.pdata.tools.OutputFile;
import java.io.InputStream;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the three restores have in common. */
public abstract class RestoreCommand extends ToolCommand {
    @Option(names = {"-i",
        "--input"}, required = true, paramLabel = "<FILE>", description = "Specify the input xml")
    private Path input;

    @Option(names = {"-o",
        "--output"}, required = true, paramLabel = "<FILE>", description = "Specify the output device")
    private Path output;

    @Option(names = {"-q", "--quiet"}, description = "Suppress output messages, return only exit code.")
    private boolean quiet;

    @Mixin
    private EngineOption engine;

    @Mixin
    private VerboseOption verbose;

    protected RestoreCommand(Console console) {
        super(console);
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

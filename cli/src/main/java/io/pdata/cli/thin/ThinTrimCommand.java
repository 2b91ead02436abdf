package io.pdata.cli.thin;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.EngineOption;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.PreCheck;
import io.pdata.cli.tool.ProgressLine;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.cli.tool.VerboseOption;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.thin.ThinCheck;
import io.pdata.tools.thin.ThinTrim;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "thin_trim", description = "Issue discard requests for free pool space (offline tool).", footer = "thin_trim --metadata-dev /dev/mapper/vg-pool_tmeta --data-dev /dev/mapper/vg-pool_tdata")
public final class ThinTrimCommand extends ToolCommand {
    @Option(names = "--metadata-dev", required = true, paramLabel = "<FILE>", description = "Specify the pool metadata device")
    private Path metadata;

    @Option(names = "--data-dev", required = true, paramLabel = "<FILE>", description = "Specify the pool data device")
    private Path data;

    @Option(names = {"-q", "--quiet"}, description = "Suppress output messages, return only exit code.")
    private boolean quiet;

    @Mixin
    private EngineOption engine;

    @Mixin
    private VerboseOption verbose;

    public ThinTrimCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() {
        if (quiet) {
            console().silence();
        }
        try (MetadataFile file = MetadataFile.open(metadata);
                FileDevice device = MetadataFile.openAny(data, Access.READ_WRITE);
                ProgressLine _ = new ProgressLine(console(), file::bytesRead, file.size())) {
            if (!PreCheck.passes(console(), "thin", () -> ThinCheck.check(file, ThinCheck.Options.FULL, console()))) {
                return ExitStatus.CHECK_FIRST;
            }
            ThinTrim.trim(file, device);
        }
        return ExitStatus.OK;
    }
}

package io.pdata.cli.thin;

import io.pdata.cli.tool.Accepted;
import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.Kind;
import io.pdata.cli.tool.Needed;
import io.pdata.cli.tool.PreCheck;
import io.pdata.cli.tool.ProgressLine;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.thin.ThinCheck;
import io.pdata.tools.thin.ThinTrim;
import java.nio.file.Path;

public final class ThinTrimCommand extends ToolCommand {
    private Path metadata;
    private Path data;
    private boolean quiet;

    public ThinTrimCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("thin_trim", "Issue discard requests for free pool space (offline tool).",
                "thin_trim --metadata-dev /dev/mapper/vg-pool_tmeta --data-dev /dev/mapper/vg-pool_tdata");
        tool.option(Kind.PATH, "--metadata-dev").label("<FILE>").means("Specify the pool metadata device").required()
                .into(value -> metadata = value);
        tool.reads(Needed.METADATA, () -> metadata);
        tool.option(Kind.PATH, "--data-dev").label("<FILE>").means("Specify the pool data device").required()
                .into(value -> data = value);
        tool.flag("-q", "--quiet").means("Suppress output messages, return only exit code.").into(on -> quiet = on);
        Accepted.engine(tool);
        Accepted.verbose(tool);
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

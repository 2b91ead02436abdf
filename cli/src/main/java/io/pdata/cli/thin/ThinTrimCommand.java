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
        tool.describe("thin_trim", "Discards the free space of a pool that is not in use.",
                "truncate -s 2560M data.img", "thin_trim --metadata-dev pool.img --data-dev data.img");
        tool.option(Kind.PATH, "--metadata-dev").label("<FILE>").means("The pool's metadata: a device or a file")
                .required()
                .into(value -> metadata = value);
        tool.reads(Needed.METADATA, () -> metadata);
        tool.option(Kind.PATH, "--data-dev").label("<FILE>")
                .means("The pool's data: a device, or a file, which gets holes").required()
                .into(value -> data = value);
        tool.flag("-q", "--quiet").means("Print nothing: the exit status is the answer").into(on -> quiet = on);
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

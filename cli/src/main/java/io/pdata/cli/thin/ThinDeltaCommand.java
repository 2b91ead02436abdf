package io.pdata.cli.thin;

import io.pdata.cli.tool.Accepted;
import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.Kind;
import io.pdata.cli.tool.Needed;
import io.pdata.cli.tool.ProgressLine;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.thin.ThinDelta.Side;
import io.pdata.tools.thin.ThinDelta;
import java.nio.file.Path;

public final class ThinDeltaCommand extends ToolCommand {
    private Path input;
    private Long thin1;
    private Long thin2;
    private Long root1;
    private Long root2;
    private boolean metadataSnapshot;
    private boolean verbose;
    private boolean changesOnly;

    public ThinDeltaCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("thin_delta", "Lists the blocks in which two volumes of a pool differ.",
                "thin_delta --thin1 1 --thin2 2 pool.img");
        tool.parameter(Kind.PATH).label("<INPUT>").means("The metadata: a device or a file")
                .into(value -> input = value);
        tool.reads(Needed.METADATA, () -> input);
        tool.option(Kind.U64, "--thin1", "--snap1").label("<DEV_ID>")
                .means("The first volume, by its number [also: --snap1]")
                .into(value -> thin1 = value);
        tool.option(Kind.U64, "--thin2", "--snap2").label("<DEV_ID>")
                .means("The second volume, by its number [also: --snap2]")
                .into(value -> thin2 = value);
        tool.option(Kind.U64, "--root1").label("<BLOCKNR>")
                .means("The first volume, by the block of its mapping tree's root")
                .into(value -> root1 = value);
        tool.option(Kind.U64, "--root2").label("<BLOCKNR>")
                .means("The second volume, by the block of its mapping tree's root")
                .into(value -> root2 = value);
        tool.flag("-m", "--metadata-snap").means("Read the metadata snapshot, with the pool in use")
                .into(on -> metadataSnapshot = on);
        tool.flag("--verbose").means("List where the blocks are on the data device, too").into(on -> verbose = on);
        tool.flag("--changes-only").means("Leave out what is the same: then what the volumes share is not read")
                .into(on -> changesOnly = on);
        tool.exclusive("--thin1", "--root1");
        tool.exclusive("--thin2", "--root2");
        Accepted.engine(tool);
    }

    @Override
    protected int run() {
        ThinDelta.Options options = new ThinDelta.Options(side(1, thin1, root1), side(2, thin2, root2),
                metadataSnapshot, verbose, changesOnly);
        try (MetadataFile file = metadataSnapshot ? MetadataFile.openLive(input) : MetadataFile.open(input);
                ProgressLine _ = new ProgressLine(console(), file::bytesRead, file.size())) {
            ThinDelta.compare(file, options, console()::standardOutput);
        }
        return ExitStatus.OK;
    }

    private static Side side(int number, Long thin, Long root) {
        if (thin == null && root == null) {
            throw new ToolException("--thin" + number + " or --root" + number + " not specified");
        }
        return thin != null ? new Side(false, thin) : new Side(true, root);
    }
}

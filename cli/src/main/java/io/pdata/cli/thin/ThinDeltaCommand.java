package io.pdata.cli.thin;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.EngineOption;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.Numbers;
import io.pdata.cli.tool.ProgressLine;
import io.pdata.cli.tool.ToolCommand;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.thin.ThinDelta.Side;
import io.pdata.tools.thin.ThinDelta;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "thin_delta", description = "Print the differences in the mappings between two thin devices", footer = "thin_delta -m --thin1 1 --thin2 2 /dev/mapper/vg-pool_tmeta")
public final class ThinDeltaCommand extends ToolCommand {
    @Parameters(index = "0", paramLabel = "<INPUT>", description = "Specify the input device")
    private Path input;

    @Option(names = {"--thin1",
        "--snap1"}, paramLabel = "<DEV_ID>", converter = Numbers.U64.class, description = "The numeric identifier for the first thin volume to diff [aliases: --snap1]")
    private Long thin1;

    @Option(names = {"--thin2",
        "--snap2"}, paramLabel = "<DEV_ID>", converter = Numbers.U64.class, description = "The numeric identifier for the second thin volume to diff [aliases: --snap2]")
    private Long thin2;

    @Option(names = "--root1", paramLabel = "<BLOCKNR>", converter = Numbers.U64.class, description = "The root block for the first thin volume to diff")
    private Long root1;

    @Option(names = "--root2", paramLabel = "<BLOCKNR>", converter = Numbers.U64.class, description = "The root block for the second thin volume to diff")
    private Long root2;

    @Option(names = {"-m", "--metadata-snap"}, description = "Use metadata snapshot")
    private boolean metadataSnapshot;

    @Option(names = "--verbose", description = "Provide extra information on the mappings")
    private boolean verbose;

    @Option(names = "--changes-only", description = "Leave out what is the same: then what the volumes share is not read")
    private boolean changesOnly;

    @Mixin
    private EngineOption engine;

    public ThinDeltaCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() {
        refuse("--thin1", "--root1");
        refuse("--thin2", "--root2");
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

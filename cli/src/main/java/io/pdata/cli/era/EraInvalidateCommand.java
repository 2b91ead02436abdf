package io.pdata.cli.era;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.DumpCommand;
import io.pdata.cli.tool.Numbers;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.era.EraInvalidate;
import io.pdata.tools.text.TextOut;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "era_invalidate", description = "List blocks that may have changed since a given era", footer = "era_invalidate --written-since 5 /dev/mapper/vg-era_meta")
public final class EraInvalidateCommand extends DumpCommand {
    @Option(names = "--written-since", required = true, paramLabel = "<ERA>", converter = Numbers.U32.class, description = "Blocks written since the given era will be listed")
    private int since;

    @Option(names = "--metadata-snapshot", description = "Use the metadata snapshot rather than the current superblock")
    private boolean metadataSnapshot;

    public EraInvalidateCommand(Console console) {
        super(console);
    }

    @Override
    protected MetadataFile open(Path metadata) {
        return metadataSnapshot ? MetadataFile.openLive(metadata) : super.open(metadata);
    }

    @Override
    protected void dump(MetadataFile file, Supplier<TextOut> out) {
        EraInvalidate.list(file, Integer.toUnsignedLong(since), metadataSnapshot, out);
    }
}

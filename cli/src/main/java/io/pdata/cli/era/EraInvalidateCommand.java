package io.pdata.cli.era;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.DumpCommand;
import io.pdata.cli.tool.Kind;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.era.EraInvalidate;
import io.pdata.tools.text.TextOut;
import java.nio.file.Path;
import java.util.function.Supplier;

public final class EraInvalidateCommand extends DumpCommand {
    private int since;
    private boolean metadataSnapshot;

    public EraInvalidateCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("era_invalidate", "Lists the blocks that may have been written since an era.",
                "era_invalidate --written-since 3 era.img");
        super.define(tool);
        tool.option(Kind.U32, "--written-since").label("<ERA>")
                .means("The first era that counts").required().into(value -> since = value);
        tool.flag("--metadata-snapshot").means("Read the metadata snapshot, with the device in use")
                .into(on -> metadataSnapshot = on);
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

package io.pdata.cli.era;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.DumpCommand;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.era.EraDump;
import io.pdata.tools.era.EraRepair;
import io.pdata.tools.text.TextOut;
import java.util.function.Supplier;

public final class EraDumpCommand extends DumpCommand {
    private boolean logical;
    private boolean repair;

    public EraDumpCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("era_dump", "Dump the era metadata to stdout in XML format",
                "era_dump --logical -o era.xml /dev/mapper/vg-era_meta");
        super.define(tool);
        tool.flag("--logical").means("Fold any unprocessed write sets into the final era array")
                .into(on -> logical = on);
        tool.flag("-r", "--repair").means("Repair the metadata whilst dumping it").into(on -> repair = on);
    }

    @Override
    protected void dump(MetadataFile file, Supplier<TextOut> out) {
        if (repair) {
            EraRepair.dump(file, logical, out).text().forEach(console()::problem);
        } else {
            EraDump.dump(file, logical, out);
        }
    }
}

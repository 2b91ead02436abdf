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
        tool.describe("era_dump", "Prints the metadata of an era device as XML.",
                "era_dump --logical -o era.xml era.img");
        super.define(tool);
        tool.flag("--logical").means("Print the latest era of each block instead of the separate writesets")
                .into(on -> logical = on);
        tool.flag("-r", "--repair").means("Dump what can be read of damaged metadata").into(on -> repair = on);
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

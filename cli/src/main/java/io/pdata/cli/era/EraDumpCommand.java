package io.pdata.cli.era;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.DumpCommand;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.era.EraDump;
import io.pdata.tools.era.EraRepair;
import io.pdata.tools.text.TextOut;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "era_dump", description = "Dump the era metadata to stdout in XML format", footer = "era_dump --logical -o era.xml /dev/mapper/vg-era_meta")
public final class EraDumpCommand extends DumpCommand {
    @Option(names = "--logical", description = "Fold any unprocessed write sets into the final era array")
    private boolean logical;

    @Option(names = {"-r", "--repair"}, description = "Repair the metadata whilst dumping it")
    private boolean repair;

    public EraDumpCommand(Console console) {
        super(console);
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

package io.pdata.cli.era;

import io.pdata.cli.tool.CheckCommand;
import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Outlook;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.era.EraCheck;
import io.pdata.tools.era.EraRepair;
import picocli.CommandLine.Command;

@Command(name = "era_check", description = "Validate era metadata on device or file.", footer = "era_check /dev/mapper/vg-era_meta")
public final class EraCheckCommand extends CheckCommand {
    public EraCheckCommand(Console console) {
        super(console);
    }

    @Override
    protected Findings check(MetadataFile file, boolean onlySuperBlock) {
        return EraCheck.check(file, onlySuperBlock, console());
    }

    @Override
    protected Outlook outlook(MetadataFile file) {
        return Outlook.of(() -> EraRepair.preview(file));
    }

    @Override
    protected String repairTool() {
        return "era_repair";
    }
}

package io.pdata.cli.era;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.Outlook;
import io.pdata.cli.tool.RepairCommand;
import io.pdata.core.device.Device;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.era.EraRepair;

public final class EraRepairCommand extends RepairCommand {
    public EraRepairCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("era_repair", "Repair binary era metadata, and write it to a different device or file",
                "era_repair -i /dev/vg/era_meta -o /dev/vg/new");
        super.define(tool);
    }

    @Override
    protected Outlook repair(MetadataFile file, Device device) {
        return Outlook.of(EraRepair.repair(file, device));
    }
}

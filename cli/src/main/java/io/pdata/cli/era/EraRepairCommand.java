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
        tool.describe("era_repair",
                "Saves what can be read of an era device's damaged metadata to another device or file.",
                "truncate -s 8M new.img", "era_repair -i era.img -o new.img", "era_check new.img");
        super.define(tool);
    }

    @Override
    protected Outlook repair(MetadataFile file, Device device) {
        return Outlook.of(EraRepair.repair(file, device));
    }
}

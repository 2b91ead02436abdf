package io.pdata.cli.cache;

import io.pdata.cli.tool.Accepted;
import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.Outlook;
import io.pdata.cli.tool.RepairCommand;
import io.pdata.core.device.Device;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.cache.CacheRepair;

public final class CacheRepairCommand extends RepairCommand {
    public CacheRepairCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("cache_repair", "Saves what can be read of a cache's damaged metadata to another device or file.",
                "truncate -s 8M new.img", "cache_repair -i cache.img -o new.img", "cache_check new.img");
        super.define(tool);
        Accepted.argument(tool);
    }

    @Override
    protected Outlook repair(MetadataFile file, Device device) {
        return Outlook.of(CacheRepair.repair(file, device));
    }
}

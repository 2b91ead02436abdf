package io.pdata.cli.cache;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.IgnoredArgument;
import io.pdata.cli.tool.Outlook;
import io.pdata.cli.tool.RepairCommand;
import io.pdata.core.device.Device;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.cache.CacheRepair;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "cache_repair", description = "Repair binary cache metadata, and write it to a different device or file", footer = "cache_repair -i /dev/vg/cache_cmeta -o /dev/vg/new")
public final class CacheRepairCommand extends RepairCommand {
    @Mixin
    private IgnoredArgument ignored;

    public CacheRepairCommand(Console console) {
        super(console);
    }

    @Override
    protected Outlook repair(MetadataFile file, Device device) {
        return Outlook.of(CacheRepair.repair(file, device));
    }
}

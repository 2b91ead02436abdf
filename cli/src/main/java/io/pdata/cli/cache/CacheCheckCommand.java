package io.pdata.cli.cache;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.MendingCheckCommand;
import io.pdata.cli.tool.Outlook;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.cache.NeedsCheck;
import io.pdata.tools.cache.CacheRepair;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "cache_check", description = "Validates cache metadata on a device or file.", footer = "cache_check /dev/mapper/vg-cache_cmeta")
public final class CacheCheckCommand extends MendingCheckCommand {
    @Option(names = "--skip-mappings", description = "Don't check the mapping array")
    private boolean skipMappings;

    @Option(names = "--skip-hints", description = "Don't check the hint array")
    private boolean skipHints;

    @Option(names = "--skip-discards", description = "Don't check the discard bitset")
    private boolean skipDiscards;

    public CacheCheckCommand(Console console) {
        super(console);
    }

    @Override
    protected boolean clearNeedsCheck(MetadataFile file) {
        return NeedsCheck.clear(file);
    }

    @Override
    protected void repairLeaks(MetadataFile file, Findings findings) {
        CacheCheck.repairLeaks(file, findings, console());
    }

    @Override
    protected Findings check(MetadataFile file, boolean onlySuperBlock) {
        return CacheCheck.check(file, new CacheCheck.Options(onlySuperBlock, skipMappings, skipHints, skipDiscards),
                console());
    }

    @Override
    protected Outlook outlook(MetadataFile file) {
        return Outlook.of(() -> CacheRepair.preview(file));
    }

    @Override
    protected String repairTool() {
        return "cache_repair";
    }
}

package io.pdata.cli.cache;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.MendingCheckCommand;
import io.pdata.cli.tool.Outlook;
import io.pdata.tools.Checked;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.cache.CacheRepair;
import io.pdata.tools.cache.NeedsCheck;

public final class CacheCheckCommand extends MendingCheckCommand {
    private boolean skipMappings;
    private boolean skipHints;
    private boolean skipDiscards;

    public CacheCheckCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("cache_check", "Checks the metadata of a cache that is not in use, and reports damage.",
                "cache_check cache.img");
        super.define(tool);
        tool.flag("--skip-mappings").means("Leave out the mappings").into(on -> skipMappings = on);
        tool.flag("--skip-hints").means("Leave out the hints").into(on -> skipHints = on);
        tool.flag("--skip-discards").means("Leave out the discards").into(on -> skipDiscards = on);
    }

    @Override
    protected boolean clearNeedsCheck(MetadataFile file) {
        return NeedsCheck.clear(file);
    }

    @Override
    protected boolean needsCheck(MetadataFile file) {
        return NeedsCheck.isSet(file);
    }

    @Override
    protected Checked checkForRepair(MetadataFile file, boolean onlySuperBlock) {
        return CacheCheck.checkForRepair(file,
                new CacheCheck.Options(onlySuperBlock, skipMappings, skipHints, skipDiscards),
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

package io.pdata.cli.cache;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.DumpCommand;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.cache.CacheDump;
import io.pdata.tools.cache.CacheRepair;
import io.pdata.tools.text.TextOut;
import java.util.function.Supplier;

public final class CacheDumpCommand extends DumpCommand {
    private boolean repair;

    public CacheDumpCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("cache_dump", "Dump the cache metadata to stdout in XML format",
                "cache_dump -o cache.xml /dev/mapper/vg-cache_cmeta");
        super.define(tool);
        tool.flag("-r", "--repair").means("Repair the metadata whilst dumping it").into(on -> repair = on);
    }

    @Override
    protected void dump(MetadataFile file, Supplier<TextOut> out) {
        if (repair) {
            CacheRepair.dump(file, out).text().forEach(console()::problem);
        } else {
            CacheDump.dump(file, out);
        }
    }
}

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
        tool.describe("cache_dump", "Prints the metadata of a cache as XML.",
                "cache_dump -o cache.xml cache.img");
        super.define(tool);
        tool.flag("-r", "--repair").means("Dump what can be read of damaged metadata").into(on -> repair = on);
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

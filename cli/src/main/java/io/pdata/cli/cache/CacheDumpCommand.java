package io.pdata.cli.cache;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.DumpCommand;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.cache.CacheDump;
import io.pdata.tools.text.TextOut;
import java.util.function.Supplier;
import picocli.CommandLine.Command;

@Command(name = "cache_dump", description = "Dump the cache metadata to stdout in XML format", footer = "cache_dump -o cache.xml /dev/mapper/vg-cache_cmeta")
public final class CacheDumpCommand extends DumpCommand {
    public CacheDumpCommand(Console console) {
        super(console);
    }

    @Override
    protected void dump(MetadataFile file, Supplier<TextOut> out) {
        CacheDump.dump(file, out);
    }
}

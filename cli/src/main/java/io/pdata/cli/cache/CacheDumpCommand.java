package io.pdata.cli.cache;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.DumpCommand;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.cache.CacheDump;
import io.pdata.tools.cache.CacheRepair;
import io.pdata.tools.text.TextOut;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "cache_dump", description = "Dump the cache metadata to stdout in XML format", footer = "cache_dump -o cache.xml /dev/mapper/vg-cache_cmeta")
public final class CacheDumpCommand extends DumpCommand {
    @Option(names = {"-r", "--repair"}, description = "Repair the metadata whilst dumping it")
    private boolean repair;

    public CacheDumpCommand(Console console) {
        super(console);
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

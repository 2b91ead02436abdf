package io.pdata.cli;

import io.pdata.tools.MetadataFile;
import io.pdata.tools.cache.CacheDump;
import io.pdata.tools.text.TextOut;
import java.util.function.Supplier;
import picocli.CommandLine.Command;

@Command(name = "cache_dump", description = "Dump the cache metadata to stdout in XML format", footer = "cache_dump -o cache.xml /dev/mapper/vg-cache_cmeta")
final class CacheDumpCommand extends DumpCommand {
    CacheDumpCommand(Console console) {
        super(console);
    }

    @Override
    void dump(MetadataFile file, Supplier<TextOut> out) {
        CacheDump.dump(file, out);
    }
}

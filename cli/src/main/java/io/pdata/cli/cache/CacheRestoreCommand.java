package io.pdata.cli.cache;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.Kind;
import io.pdata.cli.tool.RestoreCommand;
import io.pdata.core.device.Device;
import io.pdata.tools.cache.CacheRestore;
import io.pdata.tools.cache.CacheWriter;
import java.io.InputStream;

public final class CacheRestoreCommand extends RestoreCommand {
    private int version;
    private boolean omitCleanShutdown;

    public CacheRestoreCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("cache_restore", "Makes metadata of a dump (XML).",
                "cache_dump -o cache.xml cache.img", "truncate -s 8M new.img",
                "cache_restore -i cache.xml -o new.img", "cache_check new.img");
        super.define(tool);
        tool.option(Kind.oneOf("1", "2"), "--metadata-version").label("<NUM>")
                .means("Format to write: 1 for kernels before 4.11, or 2 [default: 2]").orElse("2")
                .into(value -> version = Integer.parseInt(value));
        tool.flag("--omit-clean-shutdown").means("Mark the cache as not shut down: all its blocks count as dirty")
                .into(on -> omitCleanShutdown = on);
    }

    @Override
    protected void restore(InputStream xml, Device device) {
        CacheRestore.restore(xml, new CacheWriter.Options(version, !omitCleanShutdown), device);
    }
}

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
        tool.describe("cache_restore", "Convert XML format metadata to binary.",
                "cache_restore -i cache.xml -o /dev/mapper/vg-cache_cmeta");
        super.define(tool);
        tool.option(Kind.oneOf("1", "2"), "--metadata-version").label("<NUM>")
                .means("Specify the output metadata version [default: 2] [possible values: 1, 2]").orElse("2")
                .into(value -> version = Integer.parseInt(value));
        tool.flag("--omit-clean-shutdown").means("Don't set the clean shutdown flag")
                .into(on -> omitCleanShutdown = on);
    }

    @Override
    protected void restore(InputStream xml, Device device) {
        CacheRestore.restore(xml, new CacheWriter.Options(version, !omitCleanShutdown), device);
    }
}

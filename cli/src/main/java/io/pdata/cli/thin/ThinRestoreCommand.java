package io.pdata.cli.thin;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.RestoreCommand;
import io.pdata.core.device.Device;
import io.pdata.tools.thin.ThinRestore;
import java.io.InputStream;

public final class ThinRestoreCommand extends RestoreCommand {
    private final OverrideOptions overrides = new OverrideOptions();

    public ThinRestoreCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("thin_restore", "Makes metadata of a dump (XML).",
                "thin_dump -o pool.xml pool.img", "truncate -s 8M new.img",
                "thin_restore -i pool.xml -o new.img", "thin_check new.img");
        super.define(tool);
        overrides.define(tool);
    }

    @Override
    protected void restore(InputStream xml, Device device) {
        ThinRestore.restore(xml, overrides.overrides(), console(), device);
    }
}

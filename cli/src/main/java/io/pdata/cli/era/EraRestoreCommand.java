package io.pdata.cli.era;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.RestoreCommand;
import io.pdata.core.device.Device;
import io.pdata.tools.era.EraRestore;
import java.io.InputStream;

public final class EraRestoreCommand extends RestoreCommand {
    public EraRestoreCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("era_restore", "Makes metadata of a dump (XML).",
                "era_dump -o era.xml era.img", "truncate -s 8M new.img", "era_restore -i era.xml -o new.img",
                "era_check new.img");
        super.define(tool);
    }

    @Override
    protected void restore(InputStream xml, Device device) {
        EraRestore.restore(xml, device);
    }
}

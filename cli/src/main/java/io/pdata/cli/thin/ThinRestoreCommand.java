package io.pdata.cli.thin;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.RestoreCommand;
import io.pdata.core.device.Device;
import io.pdata.tools.thin.ThinRestore;
import java.io.InputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "thin_restore", description = "Convert XML format metadata to binary.", footer = "thin_restore -i pool.xml -o /dev/mapper/vg-pool_tmeta")
public final class ThinRestoreCommand extends RestoreCommand {
    @Mixin
    private OverrideOptions overrides;

    public ThinRestoreCommand(Console console) {
        super(console);
    }

    @Override
    protected void restore(InputStream xml, Device device) {
        ThinRestore.restore(xml, overrides.overrides(), device);
    }
}

package io.pdata.cli.thin;

import io.pdata.cli.tool.Accepted;
import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.Outlook;
import io.pdata.cli.tool.RepairCommand;
import io.pdata.core.device.Device;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.thin.Losses;
import io.pdata.tools.thin.RootCandidate;
import io.pdata.tools.thin.ThinRepair;
import java.util.ArrayList;
import java.util.List;

public final class ThinRepairCommand extends RepairCommand {
    private final RootOptions roots = new RootOptions();
    private boolean listRoots;
    private final OverrideOptions overrides = new OverrideOptions();

    public ThinRepairCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("thin_repair",
                "Saves what can be read of a thin pool's damaged metadata to another device or file.",
                "truncate -s 8M new.img", "thin_repair -i pool.img -o new.img", "thin_check new.img",
                "thin_repair -i pool.img --list-roots");
        super.define(tool);
        roots.define(tool);
        tool.flag("--list-roots").means(
                "Only list the states of the pool that can be saved, the best first: with times, transaction ids and how much each has; no output is needed then")
                .into(on -> listRoots = on);
        tool.exclusive("--root", "--mapping-root", "--details-root");
        overrides.define(tool);
        Accepted.argument(tool);
    }

    @Override
    protected int run() {
        if (!listRoots) {
            return super.run();
        }
        try (MetadataFile file = openInput()) {
            List<RootCandidate> found = ThinRepair.roots(file);
            print(RootTable.json(found), RootTable.text(found));
        }
        return ExitStatus.OK;
    }

    /** A list is written nowhere, so that no output need be given. */
    @Override
    protected String[] prepare(String[] arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        if (all.contains("--list-roots")
                && all.stream().noneMatch(argument -> argument.matches("-o.*|--output(=.*)?"))) {
            all.addAll(0, List.of("--output", "-"));
        }
        return all.toArray(String[]::new);
    }

    @Override
    protected Outlook repair(MetadataFile file, Device device) {
        Losses losses = ThinRepair.repair(file, roots.with(overrides.overrides()), device);
        return LossesOutlook.of(losses);
    }
}

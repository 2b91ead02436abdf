package io.pdata.cli.thin;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.ExitStatus;
import io.pdata.cli.tool.IgnoredArgument;
import io.pdata.cli.tool.Numbers;
import io.pdata.cli.tool.Outlook;
import io.pdata.cli.tool.RepairCommand;
import io.pdata.core.device.Device;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.thin.Losses;
import io.pdata.tools.thin.RootCandidate;
import io.pdata.tools.thin.ThinRepair;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "thin_repair", description = "Repair thin-provisioning metadata, and write it to different device or file", footer = {
    "thin_repair -i /dev/vg/pool_tmeta -o /dev/vg/new",
    "thin_repair -i /dev/vg/pool_tmeta --list-roots; thin_repair -i /dev/vg/pool_tmeta -o /dev/vg/new --root 2"})
public final class ThinRepairCommand extends RepairCommand {
    @Option(names = "--root", paramLabel = "<NUM>", converter = Numbers.U64.class, description = "Save this one of the states that --list-roots shows")
    private Long root;

    @Option(names = "--mapping-root", paramLabel = "<BLOCKNR>", converter = Numbers.U64.class, description = "Save the mapping tree with this root")
    private Long mappingRoot;

    @Option(names = "--details-root", paramLabel = "<BLOCKNR>", converter = Numbers.U64.class, description = "Save the device details tree with this root")
    private Long detailsRoot;

    @Option(names = "--list-roots", description = "Only list the states of the pool that can be saved, the best first: with times, transaction ids and how much each has; no output is needed then")
    private boolean listRoots;

    @Mixin
    private OverrideOptions overrides;

    @Mixin
    private IgnoredArgument ignored;

    public ThinRepairCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() {
        refuse("--root", "--mapping-root", "--details-root");
        if (!listRoots) {
            return super.run();
        }
        try (MetadataFile file = openInput()) {
            List<RootCandidate> roots = ThinRepair.roots(file);
            print(RootTable.json(roots), RootTable.text(roots));
        }
        return ExitStatus.OK;
    }

    /** A list is written nowhere, so that no output need be given. */
    @Override
    public String[] prepare(String[] arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        if (all.contains("--list-roots")
                && all.stream().noneMatch(argument -> argument.matches("-o.*|--output(=.*)?"))) {
            all.addAll(0, List.of("--output", "-"));
        }
        return all.toArray(String[]::new);
    }

    @Override
    protected Outlook repair(MetadataFile file, Device device) {
        Losses losses = ThinRepair.repair(file, new ThinRepair.Options(overrides.overrides(), number(root),
                number(mappingRoot), number(detailsRoot)), device);
        return LossesOutlook.of(losses);
    }

    private static OptionalLong number(Long value) {
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }
}

package io.pdata.cli.thin;

import io.pdata.cli.tool.CheckCommand;
import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Outlook;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.thin.ThinCheck;
import io.pdata.tools.thin.NeedsCheck;
import io.pdata.tools.thin.ThinRepair;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "thin_check", description = "Validates thin provisioning metadata on a device or file.", footer = "thin_check /dev/mapper/vg-pool_tmeta")
public final class ThinCheckCommand extends CheckCommand {
    @Option(names = {"-m", "--metadata-snap"}, description = "Check the metadata snapshot on a live pool")
    private boolean metadataSnapshot;

    @Option(names = "--skip-mappings", description = "Don't check the mapping tree")
    private boolean skipMappings;

    @Option(names = "--clear-needs-check-flag", description = "Clears the 'needs_check' flag in the superblock")
    private boolean clearNeedsCheck;

    public ThinCheckCommand(Console console) {
        super(console);
    }

    @Override
    protected MetadataFile open(Path metadata) {
        return metadataSnapshot ? MetadataFile.openLive(metadata) : super.open(metadata);
    }

    @Override
    protected int run() {
        refuse("--clear-needs-check-flag", "--metadata-snap");
        return super.run();
    }

    @Override
    protected boolean clearsNeedsCheck() {
        return clearNeedsCheck;
    }

    @Override
    protected boolean clearNeedsCheck(MetadataFile file) {
        return NeedsCheck.clear(file);
    }

    @Override
    protected Findings check(MetadataFile file, boolean onlySuperBlock) {
        return ThinCheck.check(file, new ThinCheck.Options(onlySuperBlock, skipMappings, metadataSnapshot), console());
    }

    @Override
    protected Outlook outlook(MetadataFile file) {
        return metadataSnapshot || skipMappings ? null : LossesOutlook.of(() -> ThinRepair.preview(file));
    }

    @Override
    protected String repairTool() {
        return "thin_repair";
    }
}

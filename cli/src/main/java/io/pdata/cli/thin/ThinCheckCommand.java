package io.pdata.cli.thin;

import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.Kind;
import io.pdata.cli.tool.MendingCheckCommand;
import io.pdata.cli.tool.Outlook;
import io.pdata.tools.Checked;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.thin.NeedsCheck;
import io.pdata.tools.thin.ThinCheck;
import io.pdata.tools.thin.ThinRepair;
import java.nio.file.Path;

public final class ThinCheckCommand extends MendingCheckCommand {
    private static final String MAPPINGS = "--override-mapping-root";
    private static final String DETAILS = "--override-details-root";

    private boolean metadataSnapshot;
    private boolean skipMappings;
    private Long mappingRoot;
    private Long detailsRoot;

    public ThinCheckCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("thin_check", "Checks the metadata of a thin pool that is not in use, and reports damage.",
                "thin_check pool.img");
        super.define(tool);
        tool.flag("-m", "--metadata-snap").means("Check the metadata snapshot of a pool in use")
                .into(on -> metadataSnapshot = on);
        tool.flag("--skip-mappings").means("Leave out the mappings").into(on -> skipMappings = on);
        tool.option(Kind.U64, MAPPINGS).label("<BLOCKNR>")
                .means("Take this block as the root of the mappings, not the superblock's")
                .into(value -> mappingRoot = value);
        tool.option(Kind.U64, DETAILS).label("<BLOCKNR>")
                .means("Take this block as the root of the device details, not the superblock's")
                .into(value -> detailsRoot = value);
        tool.exclusive("--clear-needs-check-flag", "--metadata-snap", DETAILS, MAPPINGS);
        // Something would be repaired without everything having been checked.
        tool.exclusive(AUTO_REPAIR, "--ignore-non-fatal-errors", "--metadata-snap", DETAILS, MAPPINGS,
                "--skip-mappings", "--super-block-only");
    }

    @Override
    protected MetadataFile open(Path metadata) {
        return metadataSnapshot ? MetadataFile.openLive(metadata) : super.open(metadata);
    }

    @Override
    protected boolean clearNeedsCheck(MetadataFile file) {
        return NeedsCheck.clear(file);
    }

    @Override
    protected boolean needsCheck(MetadataFile file) {
        return NeedsCheck.isSet(file);
    }

    @Override
    protected Checked checkForRepair(MetadataFile file, boolean onlySuperBlock) {
        return ThinCheck.checkForRepair(file,
                new ThinCheck.Options(onlySuperBlock, skipMappings, metadataSnapshot, mappingRoot, detailsRoot),
                console());
    }

    @Override
    protected Outlook outlook(MetadataFile file) {
        boolean all = !metadataSnapshot && !skipMappings && mappingRoot == null && detailsRoot == null;
        return !all ? null : LossesOutlook.of(() -> ThinRepair.preview(file));
    }

    @Override
    protected String repairTool() {
        return "thin_repair";
    }
}

package io.pdata.cli.tool;

import io.pdata.tools.Checked;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import java.nio.file.Path;

/**
 * A check that can repair in place what does not change the meaning of the metadata, and clear the needs_check flag.
 */
public abstract class MendingCheckCommand extends CheckCommand {
    /** The option that repairs in place. */
    protected static final String AUTO_REPAIR = "--auto-repair";

    private boolean autoRepair;
    private boolean clearNeedsCheck;
    private Checked checked;

    protected MendingCheckCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        super.define(tool);
        tool.flag(AUTO_REPAIR).means("Repair in place the faults that lose nothing, such as leaked blocks")
                .into(on -> autoRepair = on);
        tool.flag("--clear-needs-check-flag").means("Clear the flag that asks for a check, if the metadata pass")
                .into(on -> clearNeedsCheck = on);
    }

    /** Checks metadata so that a repair can follow. */
    protected abstract Checked checkForRepair(MetadataFile file, boolean onlySuperBlock);

    /** Clears the needs_check flag; returns whether it was set. */
    protected abstract boolean clearNeedsCheck(MetadataFile file);

    /** Whether the needs_check flag is set. */
    protected abstract boolean needsCheck(MetadataFile file);

    @Override
    protected MetadataFile open(Path metadata) {
        return wanted() ? MetadataFile.openToChange(metadata) : super.open(metadata);
    }

    private boolean wanted() {
        return autoRepair || clearNeedsCheck;
    }

    @Override
    protected final Findings check(MetadataFile file, boolean onlySuperBlock) {
        checked = checkForRepair(file, onlySuperBlock);
        return checked.findings();
    }

    @Override
    protected String mendingCommand(Findings findings, Path metadata) {
        return checked != null && checked.repairable()
                ? repairTool().replace("repair", "check") + " " + AUTO_REPAIR + " " + metadata
                : null;
    }

    @Override
    protected boolean mend(MetadataFile file, Findings findings) {
        if (checked == null || !checked.repairable()) {
            if (wanted() && checked != null && checked.repair() != null && findings.obstacle() != null) {
                console().problem("Nothing was changed, as this cannot be repaired in place: " + findings.obstacle());
            }
            return false;
        }
        if (!wanted()) {
            console().problem("perhaps you wanted to run with --auto-repair");
            return false;
        }
        boolean flagged = needsCheck(file);
        checked.repair().run(file, console());
        reportCleared(flagged);
        return true;
    }

    @Override
    protected void passed(MetadataFile file) {
        if (wanted()) {
            reportCleared(clearNeedsCheck(file));
        }
    }

    private void reportCleared(boolean cleared) {
        if (cleared) {
            console().problem("Cleared needs_check flag");
        }
    }
}

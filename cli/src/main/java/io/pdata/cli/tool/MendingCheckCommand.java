package io.pdata.cli.tool;

import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import java.nio.file.Path;

/** A check that can put right what is not really damage: blocks that have leaked, and a flag that has served its purpose. */
public abstract class MendingCheckCommand extends CheckCommand {
    /** The option that repairs in place. */
    protected static final String AUTO_REPAIR = "--auto-repair";

    private boolean autoRepair;
    private boolean clearNeedsCheck;

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

    /** Says in the superblock that no check is needed; returns whether it said that one was. */
    protected abstract boolean clearNeedsCheck(MetadataFile file);

    /** Frees the blocks that have leaked. */
    protected abstract void repairLeaks(MetadataFile file, Findings findings);

    @Override
    protected MetadataFile open(Path metadata) {
        return autoRepair || clearNeedsCheck ? MetadataFile.openToChange(metadata) : super.open(metadata);
    }

    @Override
    protected String mendingCommand(Findings findings, Path metadata) {
        return findings.onlyLeaks()
                ? repairTool().replace("repair", "check") + " " + AUTO_REPAIR + " " + metadata
                : null;
    }

    @Override
    protected boolean mend(MetadataFile file, Findings findings) {
        if (!findings.onlyLeaks()) {
            return false;
        }
        if (!autoRepair && !clearNeedsCheck) {
            console().problem("perhaps you wanted to run with --auto-repair");
            return false;
        }
        repairLeaks(file, findings);
        return findings.dataLeaks().complete() && findings.metadataLeaks().complete();
    }

    @Override
    protected void passed(MetadataFile file) {
        if (clearNeedsCheck && clearNeedsCheck(file)) {
            console().problem("Cleared needs_check flag");
        }
    }
}

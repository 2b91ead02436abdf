package io.pdata.cli.era;

import io.pdata.cli.tool.CheckCommand;
import io.pdata.cli.tool.Console;
import io.pdata.cli.tool.Definition;
import io.pdata.cli.tool.Outlook;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.era.EraCheck;
import io.pdata.tools.era.EraRepair;

public final class EraCheckCommand extends CheckCommand {
    public EraCheckCommand(Console console) {
        super(console);
    }

    @Override
    protected void define(Definition tool) {
        tool.describe("era_check", "Checks the metadata of an era device that is not in use, and reports damage.",
                "era_check era.img");
        super.define(tool);
    }

    @Override
    protected Findings check(MetadataFile file, boolean onlySuperBlock) {
        return EraCheck.check(file, onlySuperBlock, console());
    }

    @Override
    protected Outlook outlook(MetadataFile file) {
        return Outlook.of(() -> EraRepair.preview(file));
    }

    @Override
    protected String repairTool() {
        return "era_repair";
    }
}

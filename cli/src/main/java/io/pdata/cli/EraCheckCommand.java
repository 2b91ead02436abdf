package io.pdata.cli;

import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.era.EraCheck;
import picocli.CommandLine.Command;

@Command(name = "era_check", description = "Validate era metadata on device or file.", footer = "era_check /dev/mapper/vg-era_meta")
final class EraCheckCommand extends CheckCommand {
    EraCheckCommand(Console console) {
        super(console);
    }

    @Override
    Findings check(MetadataFile file, boolean onlySuperBlock) {
        return EraCheck.check(file, onlySuperBlock, console());
    }
}

package io.pdata.reliability;

import io.pdata.reliability.crash.PowerCutsCommand;
import io.pdata.reliability.damage.BitFlipsCommand;
import io.pdata.reliability.damage.DamageTableCommand;
import io.pdata.reliability.fault.FaultsCommand;
import io.pdata.reliability.lost.LostSuperblocksCommand;
import io.pdata.reliability.pool.PoolCommand;
import io.pdata.reliability.pool.PoolKillsCommand;
import io.pdata.reliability.process.KillCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine;

/** Runs campaigns; each is a subcommand. */
@Command(name = "reliability/run", mixinStandardHelpOptions = true, subcommands = {
    BitFlipsCommand.class, DamageTableCommand.class, FaultsCommand.class, KillCommand.class,
    LostSuperblocksCommand.class,
    PoolCommand.class, PoolKillsCommand.class,
    PowerCutsCommand.class}, description = "Runs a campaign against the library, from a seed; see docs/reliability.md.")
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
    }
}

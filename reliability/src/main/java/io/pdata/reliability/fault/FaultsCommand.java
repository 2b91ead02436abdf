package io.pdata.reliability.fault;

import io.pdata.reliability.campaign.StateFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs {@link FaultCampaign}s, a seed after the other. */
@Command(name = "faults", mixinStandardHelpOptions = true, description = {
    "Fails the n-th read, write and flush of a list of steps, for every n: once, from then on always, by halves; and fills "
            + "the disk. One round is a list of steps for each workload.",
    "Ctrl-C stops; the same command with --state goes on where it was."}, footer = {"", "Example:",
        "  reliability/run faults --seed 1 --rounds 100 --state faults.state"})
public final class FaultsCommand implements Callable<Integer> {
    private static final String DONE = "rounds done";

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the first round. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(names = "--rounds", paramLabel = "N", description = "How many rounds. Default: for ever.")
    private long rounds = Long.MAX_VALUE;

    @Option(names = "--workload", paramLabel = "NAME", description = "Only this one: library, thin, cache1, cache2, era, "
            + "library-wide or thin-wide.")
    private String only;

    @Option(names = "--state", paramLabel = "FILE", description = "Where to keep how many rounds are done.")
    private Path state;

    @Override
    public Integer call() {
        StateFile file = new StateFile(state, "faults, seed " + seed + (only == null ? "" : ", " + only));
        FaultFigures total = new FaultFigures();
        for (long round = Long.parseLong(file.load().getProperty(DONE, "0")); round < rounds; round++) {
            for (String name : only == null ? FaultCampaign.NAMES : List.of(only)) {
                try {
                    FaultFigures figures = FaultCampaign.of(name, seed + round).run(1);
                    System.out.printf("seed %d, %s: %s%n", seed + round, name, figures);
                    total.add(figures);
                } catch (AssertionError e) {
                    System.err.println(e.getMessage());
                    System.err.printf("again: reliability/run faults --workload %s --seed %d --rounds 1%n", name,
                            seed + round);
                    return 1;
                }
            }
            Properties done = new Properties();
            done.setProperty(DONE, Long.toString(round + 1));
            file.store(done);
            System.out.printf("round %d; this run so far: %s%n", round + 1, total);
        }
        return 0;
    }
}

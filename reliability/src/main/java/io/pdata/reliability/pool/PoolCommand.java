package io.pdata.reliability.pool;

import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a {@link PoolCampaign}, a seed after the other. */
@Command(name = "pool", mixinStandardHelpOptions = true, description = {
    "Cuts the power, kills the process or fails I/O under a pool: metadata, data and intent log together.",
    "Without a choice all three campaigns are run, with each seed."}, footer = {"", "Example:",
        "  reliability/run pool --lives --seed 1 --seeds 20 --cycles 1000"})
public final class PoolCommand implements Callable<Integer> {
    @Option(names = "--sequences", description = "Only all short sequences, cut off at every I/O.")
    private boolean sequences;

    @Option(names = "--lives", description = "Only lives of crashes.")
    private boolean lives;

    @Option(names = "--faults", description = "Only failing I/O.")
    private boolean faults;

    @Option(names = "--seed", paramLabel = "N", description = "The first seed. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(names = "--seeds", paramLabel = "N", description = "How many seeds. Default: ${DEFAULT-VALUE}.")
    private int seeds = 1;

    @Option(names = "--length", paramLabel = "N", description = "The most steps of a sequence. Default: ${DEFAULT-VALUE}.")
    private int length = 3;

    @Option(names = "--cycles", paramLabel = "N", description = "Crashes in a life. Default: ${DEFAULT-VALUE}.")
    private int cycles = 500;

    @Override
    public Integer call() {
        boolean all = !sequences && !lives && !faults;
        for (long next = seed; next < seed + seeds; next++) {
            boolean well = (!all && !sequences
                    || run("sequences", next, campaign -> campaign.exhaustive(length, () -> true)))
                    && (!all && !lives || run("lives", next, campaign -> campaign.life(cycles, () -> true)))
                    && (!all && !faults || run("faults", next, campaign -> campaign.faults(() -> true)));
            if (!well) {
                return 1;
            }
        }
        return 0;
    }

    private boolean run(String what, long oneSeed, Consumer<PoolCampaign> work) {
        PoolCampaign campaign = new PoolCampaign(oneSeed);
        try {
            work.accept(campaign);
            System.out.printf("seed %d, %s: %s; nothing wrong%n", oneSeed, what, campaign.figures());
            return true;
        } catch (AssertionError e) {
            e.printStackTrace();
            System.err.printf("again: reliability/run pool --%s --seed %d --length %d --cycles %d%n", what, oneSeed,
                    length, cycles);
            return false;
        }
    }
}

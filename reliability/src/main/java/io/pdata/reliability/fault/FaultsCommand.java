package io.pdata.reliability.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Map;
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
        FaultFigures total = new FaultFigures();
        for (long round = load(); round < rounds; round++) {
            Map<String, FaultCampaign<?>> campaigns = FaultCampaign.all(seed + round);
            for (String name : new ArrayList<>(campaigns.keySet())) {
                if (only != null && !only.equals(name)) {
                    continue;
                }
                try {
                    FaultFigures figures = campaigns.get(name).run(1);
                    System.out.printf("seed %d, %s: %s%n", seed + round, name, figures);
                    total.add(figures);
                } catch (AssertionError e) {
                    System.err.println(e.getMessage());
                    System.err.printf("again: reliability/run faults --workload %s --seed %d --rounds 1%n", name,
                            seed + round);
                    return 1;
                }
            }
            save(round + 1);
            System.out.printf("round %d, all so far: %s%n", round + 1, total);
        }
        return 0;
    }

    private long load() {
        try {
            return state == null || !Files.exists(state) ? 0 : Long.parseLong(Files.readString(state).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void save(long done) {
        if (state == null) {
            return;
        }
        try {
            Path temporary = state.resolveSibling(state.getFileName() + ".new");
            Files.writeString(temporary, done + System.lineSeparator());
            Files.move(temporary, state, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

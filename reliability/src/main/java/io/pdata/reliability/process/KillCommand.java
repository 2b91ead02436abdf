package io.pdata.reliability.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a {@link KillCampaign}. */
@Command(name = "kill", mixinStandardHelpOptions = true, description = {
    "Kills (SIGKILL) a process that writes to a file, at a random moment, and verifies what it left; again and again with "
            + "the same file.",
    "Ctrl-C stops; the same command with the file that it has left goes on from there."}, footer = {"", "Example:",
        "  reliability/run kill --workload thin --rounds 300 --seed 1"})
public final class KillCommand implements Callable<Integer> {
    private static final int ROUNDS_PER_LINE = 10;

    @Option(names = "--workload", paramLabel = "NAME", description = "thin, cache, era or library. Default: ${DEFAULT-VALUE}.")
    private String workload = "thin";

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the first round. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(names = "--rounds", paramLabel = "N", description = "How many processes to kill. Default: ${DEFAULT-VALUE}.")
    private long rounds = 300;

    @Option(names = "--state", paramLabel = "FILE", description = "The file to write to; made if it does not exist. Default: a temporary one.")
    private Path state;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = state == null ? Files.createTempDirectory("kill") : null;
        Path file = state == null ? folder.resolve("metadata") : state;
        KillCampaign<?> campaign = KillCampaign.of(workload, file);
        for (long round = 0; round < rounds; round++) {
            try {
                campaign.round(seed + round);
            } catch (AssertionError e) {
                System.err.println(e.getMessage());
                System.err.println("what was found is in " + file);
                return 1;
            }
            if ((round + 1) % ROUNDS_PER_LINE == 0 || round + 1 == rounds) {
                System.out.printf("seeds %d to %d: %s%n", seed, seed + round, campaign);
            }
        }
        if (folder != null) {
            Files.delete(file);
            Files.delete(folder);
        }
        return 0;
    }
}

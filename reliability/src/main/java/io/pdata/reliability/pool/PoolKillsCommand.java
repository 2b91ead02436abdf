package io.pdata.reliability.pool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs {@link PoolKills}. */
@Command(name = "pool-kills", mixinStandardHelpOptions = true, description = "Kills (SIGKILL) a process that serves a pool, at a "
        + "random moment, starts it again, and verifies that nothing is lost of what its client was told; again and again.", footer = {
            "", "Example:", "  reliability/run pool-kills --rounds 300 --seed 1"})
public final class PoolKillsCommand implements Callable<Integer> {
    private static final int ROUNDS_PER_LINE = 10;

    @Option(names = "--seed", paramLabel = "N", description = "Decides everything but the moment. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(names = "--rounds", paramLabel = "N", description = "How many processes to kill. Default: ${DEFAULT-VALUE}.")
    private long rounds = 300;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("pool-kills");
        try (PoolKills kills = new PoolKills(folder, seed)) {
            for (long round = 1; round <= rounds; round++) {
                kills.round();
                if (round % ROUNDS_PER_LINE == 0 || round == rounds) {
                    System.out.printf("seed %d: %s%n", seed, kills);
                }
            }
        } catch (AssertionError e) {
            System.err.println(e.getMessage());
            System.err.println("what was found is in " + folder);
            return 1;
        }
        Files.delete(folder);
        return 0;
    }
}

package io.pdata.fuzz;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine;

/** Fuzzes one target or all of them, for as long as is wanted. */
@Command(name = "fuzz/run", mixinStandardHelpOptions = true, description = {
    "Feeds damaged metadata to a reader, guided by the coverage of its code (Jazzer).",
    "Stop it with Ctrl-C; started again it goes on where it was. See docs/reliability.md."}, footer = {"",
        "For example: fuzz/run thin --hours 2", "             fuzz/run thin --input crash-1234"})
public final class Main implements Callable<Integer> {
    private static final double SECONDS_PER_HOUR = 3600;

    @Parameters(paramLabel = "TARGET", description = "what to fuzz: ${COMPLETION-CANDIDATES}, or all, each for its part of the time", completionCandidates = Names.class)
    private String target;

    @Option(names = "--hours", paramLabel = "H", defaultValue = "1", description = "how long, in all (default: ${DEFAULT-VALUE})")
    private double hours;

    @Option(names = "--folder", paramLabel = "DIR", defaultValue = "fuzz-work", description = "where to keep what has been learnt, and found (default: ${DEFAULT-VALUE})")
    private Path folder;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "of the fuzzer's random numbers (default: one of the clock)")
    private long seed;

    @Option(names = "--input", paramLabel = "FILE", description = "run this one input instead, without Jazzer")
    private Path input;

    /** The names that a target may have. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Targets.names().iterator();
        }
    }

    private Main() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        List<String> targets = target.equals(Targets.ALL) ? Targets.names() : List.of(target);
        if (!Targets.names().containsAll(targets)) {
            System.err.println("There is no target " + target + "; there are: " + String.join(", ", Targets.names()));
            return CommandLine.ExitCode.USAGE;
        }
        if (input != null) {
            Targets.run(target, Files.readAllBytes(input));
            System.out.println("nothing wrong");
            return CommandLine.ExitCode.OK;
        }
        long seconds = Math.max(1, Math.round(hours * SECONDS_PER_HOUR / targets.size()));
        int found = 0;
        for (String name : targets) {
            System.out.println("=== " + name + ", for " + seconds + " s, in " + folder.resolve(name));
            found |= Jazzer.fuzz(name, folder.resolve(name), "-max_total_time=" + seconds, seed, Redirect.INHERIT);
        }
        return found == 0 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }
}

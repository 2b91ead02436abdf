package io.pdata.reliability.crash;

import io.pdata.reliability.crash.Rounds.Job;
import io.pdata.reliability.workload.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs {@link ExhaustiveCampaign} and {@link RandomCampaign}, one round after the other, until somebody stops it. */
@Command(name = "power-cuts", mixinStandardHelpOptions = true, description = {
    "Cuts the power at every I/O, or at any, and judges what that can have left of the metadata.",
    "Goes in rounds: each goes through every subject once, with the next seed. Ctrl-C stops; the same command with the "
            + "same state file goes on where it was."}, footer = {"", "Example:",
                "  reliability/run power-cuts --subject thin --random --seed 1 --hours 8 --state power-cuts.state"})
public final class PowerCutsCommand implements Callable<Integer> {
    private static final int SECONDS_BETWEEN_LINES = 10;

    @Option(names = "--subject", paramLabel = "SUBJECT", description = "One of ${COMPLETION-CANDIDATES}, in any case; may be repeated. Default: all.")
    private List<Subject> subjects = List.of(Subject.values());

    @ArgGroup
    private Kind kind = new Kind();

    @Option(names = "--seed", description = "The seed of the first round. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(names = "--hours", paramLabel = "H", description = "Stop after so many hours. Default: never.")
    private double hours = Double.POSITIVE_INFINITY;

    @Option(names = "--rounds", paramLabel = "N", description = "Stop after so many rounds. Default: never.")
    private long rounds = Long.MAX_VALUE;

    @Option(names = "--length", paramLabel = "N", description = "Exhaustive: the most steps of a sequence. Default: ${DEFAULT-VALUE}.")
    private int length = 4;

    @Option(names = "--cycles", paramLabel = "N", description = "Random: crashes in the life of one device. Default: ${DEFAULT-VALUE}.")
    private int cycles = 1000;

    @Option(names = "--state", paramLabel = "FILE", description = "Where to keep what has been done.")
    private Path state;

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopped;

    private static final class Kind {
        @Option(names = "--exhaustive", description = "Only all short sequences.")
        boolean exhaustive;

        @Option(names = "--random", description = "Only lives of crashes.")
        boolean random;
    }

    @Override
    public Integer call() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
        try {
            return run();
        } finally {
            ended.countDown();
        }
    }

    /** Waits until what is under way has noticed. */
    private void stop() {
        stopped = true;
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int run() {
        Rounds run = new Rounds(jobs(), seed, state);
        long started = System.nanoTime();
        long lastRound = rounds == Long.MAX_VALUE ? rounds : seed + rounds;
        BooleanSupplier goOn = new Progress(run, started);
        while (run.seed() < lastRound && goOn.getAsBoolean()) {
            try {
                String job = run.job().name();
                if (run.step(goOn)) {
                    print(run, job, started);
                }
            } catch (AssertionError e) {
                System.err.println(e.getMessage());
                e.printStackTrace();
                System.err.printf("repeat with: reliability/run power-cuts%s --seed %d --rounds 1%n", sameJobs(),
                        run.seed());
                return 1;
            }
        }
        return 0;
    }

    private String sameJobs() {
        StringBuilder options = new StringBuilder();
        subjects.forEach(subject -> options.append(" --subject ").append(subject.word()));
        options.append(kind.exhaustive ? " --exhaustive" : kind.random ? " --random" : "");
        return options.append(" --length ").append(length).append(" --cycles ").append(cycles).toString();
    }

    /** Asked very often: whether to go on. Prints a line now and then. */
    private final class Progress implements BooleanSupplier {
        private final Rounds run;
        private final long started;
        private long printed;

        Progress(Rounds run, long started) {
            this.run = run;
            this.started = started;
        }

        @Override
        public boolean getAsBoolean() {
            long seconds = Duration.ofNanos(System.nanoTime() - started).toSeconds();
            if (seconds >= printed + SECONDS_BETWEEN_LINES) {
                printed = seconds;
                System.out.printf("%d s: %s, seed %d%n", seconds, run.job().name(), run.seed());
            }
            return !stopped && seconds < hours * Duration.ofHours(1).toSeconds();
        }
    }

    private static void print(Rounds run, String job, long started) {
        Figures total = new Figures();
        run.figures().values().forEach(total::add);
        System.out.printf("%s: %s%n%d s, all together: %s; nothing wrong%n", job, run.figures().get(job),
                Duration.ofNanos(System.nanoTime() - started).toSeconds(), total);
    }

    private List<Job> jobs() {
        List<Job> jobs = new ArrayList<>();
        for (Subject subject : subjects) {
            if (!kind.random) {
                subject.small().forEach(small -> jobs.add(exhaustive(small, length, small.ampleCache())));
                if (subject.wide() != null) {
                    jobs.add(exhaustive(subject.wide(), Math.min(length, 2), 0));
                }
            }
            if (!kind.exhaustive) {
                subject.large().forEach(large -> jobs.add(random(large)));
            }
        }
        return jobs;
    }

    private static <C> Job exhaustive(Workload<C> workload, int length, long cacheBytes) {
        return new Rounds.Exhaustive<>(workload, length, cacheBytes);
    }

    private <C> Job random(Workload<C> workload) {
        return new Rounds.Random<>(workload, cycles);
    }
}

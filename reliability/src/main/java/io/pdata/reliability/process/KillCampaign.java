package io.pdata.reliability.process;

import static io.pdata.reliability.workload.Judgement.require;

import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.reliability.disk.SimulatedDisk;
import io.pdata.reliability.workload.Journal;
import io.pdata.reliability.workload.Session;
import io.pdata.reliability.workload.Workload;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Kills a process that writes to a file, at a moment that a seed decides, and verifies from this process what it left: the
 * last commit that it has acknowledged, or one that it had asked for since; and the full check finds nothing. Then again,
 * with the same file.
 *
 * <p>What the killed process has committed is known by taking the same steps, decided by the same seed, on a copy of the
 * file as it was before, in memory.
 *
 * @param <C> what describes a content
 */
public final class KillCampaign<C> {
    private static final int MAX_LINES = 25;
    private static final long MAX_DELAY_NANOSECONDS = 20_000_000;
    private static final int PATIENCE_SECONDS = 60;

    private final String name;
    private final Workload<C> workload;
    private final Path file;
    private long rounds;
    private long commits;
    private long laterFound;

    private KillCampaign(String name, Workload<C> workload, Path file) {
        this.name = name;
        this.workload = workload;
        this.file = file;
    }

    /**
     * A campaign with a new file, or with one that an earlier campaign has left.
     *
     * @param name thin, cache, era or library
     */
    public static KillCampaign<?> of(String name, Path file) {
        return of(name, WritingProcess.workload(name), file);
    }

    private static <T> KillCampaign<T> of(String name, Workload<T> workload, Path file) {
        if (!Files.exists(file)) {
            FileDevice device = FileDevice.create(file, workload.deviceSize());
            try (Session<T> session = workload.format(device, workload.ampleCache(), Journal.none())) {
                workload.prepare(session);
            }
        }
        return new KillCampaign<>(name, workload, file);
    }

    /**
     * Starts a process, kills it, verifies.
     *
     * @throws AssertionError saying what did not hold
     */
    public void round(long seed) throws IOException, InterruptedException {
        byte[] before = Files.readAllBytes(file);
        int lines = linesOfKilled(seed);
        List<C> possible = possible(before, seed, lines);
        C found = workload.read(FileDevice.open(file, Access.READ_ONLY));
        require(possible.contains(found), "%s, seed %d: after %d lines found%n%s%ninstead of one of%n%s", name, seed,
                lines, found, possible);
        List<String> problems = workload.check(FileDevice.open(file, Access.READ_ONLY));
        require(problems.isEmpty(), "%s, seed %d: after %d lines the check finds %s", name, seed, lines, problems);
        rounds++;
        commits += lines - 1;
        laterFound += found.equals(possible.getFirst()) ? 0 : 1;
    }

    /** How many lines the process wrote before it was killed: one when it had opened the file, and one a commit. */
    private int linesOfKilled(long seed) throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(seed);
        int killAt = random.nextInt(MAX_LINES);
        long delay = random.nextLong(MAX_DELAY_NANOSECONDS);
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-ea",
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "--enable-native-access=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"), WritingProcess.class.getName(), name, file.toString(),
                Long.toString(seed)).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Thread killer = Thread.ofPlatform().unstarted(() -> {
            LockSupport.parkNanos(delay);
            process.toHandle().destroyForcibly(); // the process itself would also close the pipe, with lines in it
        });
        int lines = 0;
        try (InputStream output = process.getInputStream()) {
            for (int read = output.read(); read >= 0; read = output.read()) {
                if (read == '\n' && lines++ == killAt) {
                    killer.start();
                }
            }
        }
        if (lines > killAt) {
            killer.join();
        }
        require(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "%s, seed %d: the process neither writes nor ends",
                name, seed);
        require(lines > killAt, "%s, seed %d: the process ended by itself, with status %d", name, seed,
                process.exitValue());
        return lines;
    }

    /** What may be found: first the content at the last line, then all that was asked for until the next. */
    private List<C> possible(byte[] before, long seed, int lines) {
        List<C> possible = new ArrayList<>();
        Journal<C> journal = new Journal<>() {
            @Override
            public void asked(C content) {
                possible.add(content);
            }

            @Override
            public void acknowledged(C content) {}
        };
        SimulatedDisk disk = new SimulatedDisk(before, 0);
        C content = workload.read(disk);
        try (Session<C> session = workload.open(disk.reopen(), WritingProcess.CACHE_BYTES, content, journal)) {
            SplittableRandom random = new SplittableRandom(seed);
            for (int line = 1; line <= lines; line++) {
                possible.clear();
                possible.add(session.committed());
                WritingProcess.advance(workload, session, random);
            }
        }
        return possible;
    }

    @Override
    public String toString() {
        return String.format("%s: %d processes killed, %d acknowledged commits found, %d times a later one", name,
                rounds, commits, laterFound);
    }
}

package io.pdata.reliability.damage;

import io.pdata.reliability.campaign.StateFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs {@link BitFlips} over whole images until all bits have been flipped, or somebody stops it. */
@Command(name = "bit-flips", mixinStandardHelpOptions = true, description = {
    "Flips every bit of every block of some small images, one at a time, and uses each image in every way: check, dump, "
            + "read, open for writing and change.",
    "Blocks in use come first. Ctrl-C stops; the same command goes on where it was."}, footer = {"", "Example:",
        "  reliability/run bit-flips --seed 1 --state bit-flips.state"})
public final class BitFlipsCommand implements Callable<Integer> {
    private static final String DONE = "flips done";
    private static final int BATCH = 64;
    private static final int SECONDS_PER_BATCH = 300;

    @Option(names = "--seed", description = "Decides the order. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(names = "--state", paramLabel = "FILE", description = "Where to keep how far it has come.")
    private Path state;

    @Option(names = "--flips", paramLabel = "N", description = "Stop after so many. Default: all.")
    private long most = Long.MAX_VALUE;

    @Option(names = "--threads", paramLabel = "N", description = "Default: one for each processor.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Override
    public Integer call() {
        StateFile file = new StateFile(state, "bit flips, seed " + seed);
        BitFlips flips = new BitFlips(SmallImages.all(), seed);
        long begin = Long.parseLong(file.load().getProperty(DONE, "0"));
        long end = Math.min(flips.flips(), most > Long.MAX_VALUE - begin ? Long.MAX_VALUE : begin + most);
        System.out.printf("seed %d: %d flips in %d images, %d of them in blocks in use; from %d to %d%n", seed,
                flips.flips(), flips.images().size(), flips.usedFlips(), begin, end);
        // Not closed but shut down: what hangs would keep it from closing.
        ExecutorService workers = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
        });
        try {
            run(flips, workers, file, begin, end);
            return 0;
        } catch (AssertionError e) {
            System.err.println("seed " + seed + ": " + e.getMessage());
            e.printStackTrace();
            return 1;
        } finally {
            workers.shutdownNow();
        }
    }

    private void run(BitFlips flips, ExecutorService workers, StateFile file, long begin, long end) {
        long started = System.nanoTime();
        int printed = 0;
        for (long next = begin; next < end;) {
            next = round(flips, workers, next, end);
            Properties done = new Properties();
            done.setProperty(DONE, Long.toString(next));
            file.store(done);
            Duration elapsed = Duration.ofNanos(System.nanoTime() - started);
            if (elapsed.toSeconds() / 10 > printed || next == end) {
                printed = (int) (elapsed.toSeconds() / 10);
                System.out.printf("%d flips done (%.2f%% of those in blocks in use), nobody fooled; %d s%n", next,
                        Math.min(100.0, 100.0 * next / flips.usedFlips()), elapsed.toSeconds());
            }
        }
    }

    /** One batch for each thread. Returns where the next round begins. */
    private long round(BitFlips flips, ExecutorService workers, long begin, long end) {
        List<Future<?>> running = new ArrayList<>();
        long next = begin;
        for (int i = 0; i < threads && next < end; i++) {
            long from = next;
            next = Math.min(end, from + BATCH);
            long to = next;
            running.add(workers.submit(() -> {
                for (long flip = from; flip < to; flip++) {
                    flips.verify(flips.get(flip));
                }
            }));
        }
        for (Future<?> batch : running) {
            await(batch, begin);
        }
        return next;
    }

    private static void await(Future<?> batch, long begin) {
        try {
            batch.get(SECONDS_PER_BATCH, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("a flip after number " + begin + " leads to a hang", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}

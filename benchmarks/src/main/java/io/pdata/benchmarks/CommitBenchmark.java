package io.pdata.benchmarks;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Durable commits of updates to random keys. Prints bytes, flushes and time for each commit at the end of a trial. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(2)
public class CommitBenchmark {
    @Param({"pdata", "lmdb"})
    String engine;

    @Param({"1000000", "10000000"})
    long entries;

    @Param({"8", "100"})
    int valueSize;

    @Param({"1", "1000"})
    int batch;

    private final SplittableRandom random = new SplittableRandom(42);
    private Engine store;
    private long commits;
    private long updateNanos;
    private long commitNanos;
    private long bytesBefore;
    private long flushesBefore;

    @Setup(Level.Trial)
    public void open() {
        store = Workload.loaded(engine, entries, valueSize, "updates");
        for (long i = 0; i < entries; i++) {
            store.get(Workload.key(i));
        }
        bytesBefore = store.bytesWritten();
        flushesBefore = store.flushes();
    }

    /** {@link #batch} updates and one commit; the score is commits per second. */
    @Benchmark
    public void commit() {
        long begin = System.nanoTime();
        for (int i = 0; i < batch; i++) {
            store.put(Workload.key(random.nextLong(entries)), i);
        }
        long updated = System.nanoTime();
        store.commit();
        updateNanos += updated - begin;
        commitNanos += System.nanoTime() - updated;
        commits++;
    }

    @TearDown(Level.Trial)
    public void close() {
        long flushes = store.flushes() - flushesBefore;
        System.out.printf("%n%s, %d entries of %d bytes, batches of %d: %d bytes a commit, %s flushes a commit;"
                + " %.2f ms for the updates, %.2f ms for the commit%n", engine, entries, valueSize, batch,
                (store.bytesWritten() - bytesBefore) / commits,
                store.flushes() < 0 ? "unknown" : "" + flushes / (double) commits, updateNanos / 1e6 / commits,
                commitNanos / 1e6 / commits);
        store.close();
    }
}

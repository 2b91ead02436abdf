package io.pdata.benchmarks;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Reads of a store that is wholly in memory. One thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class ReadBenchmark {
    private static final int SCANNED = 1_000_000;

    @Param({"pdata", "lmdb"})
    String engine;

    @Param({"1000000", "10000000"})
    long entries;

    @Param({"8", "100"})
    int valueSize;

    private final SplittableRandom random = new SplittableRandom(42);
    private Engine store;

    @Setup(Level.Trial)
    public void open() {
        store = Workload.loaded(engine, entries, valueSize, "updates");
        for (long i = 0; i < entries; i++) {
            store.get(Workload.key(i)); // everything is in memory from now on
        }
    }

    /** A random key that is there; the whole value is read. */
    @Benchmark
    public long get() {
        return store.get(Workload.key(random.nextLong(entries)));
    }

    /** The first million entries in order; the score is entries per second. */
    @Benchmark
    @OperationsPerInvocation(SCANNED)
    public long scan() {
        return store.scan(SCANNED);
    }

    @TearDown(Level.Trial)
    public void close() {
        store.close();
    }
}

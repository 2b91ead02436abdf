package io.pdata.benchmarks;

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

/** Writable clones. LMDB and its like have none to compare with. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class CloneBenchmark {
    @Param({"10000000"})
    long entries;

    private PdataEngine store;

    @Setup(Level.Trial)
    public void open() {
        store = (PdataEngine) Workload.loaded("pdata", entries, 8, "clone");
    }

    /** A clone, and its deletion. */
    @Benchmark
    public void cloneAndDrop() {
        store.cloneAndDrop();
    }

    /** A clone that is durable: one commit. */
    @Benchmark
    public void durableClone() {
        store.cloneTree();
        store.commit();
    }

    @TearDown(Level.Trial)
    public void close() {
        store.close();
    }
}

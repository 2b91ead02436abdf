package io.pdata.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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

/**
 * What the disk allows a copy-on-write store at best: the blocks of one commit in one call, a flush, one block, a flush -
 * and nothing computed.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(2)
public class DiskLimitBenchmark {
    private static final int BLOCK = 4096;
    private static final int FILE_BLOCKS = 1 << 15;

    /** Blocks written before the superblock: those of a commit of 1 key, and of 1000 keys, among a million. */
    @Param({"5", "920"})
    int blocks;

    private final SplittableRandom random = new SplittableRandom(42);
    private Path file;
    private FileChannel channel;
    private ByteBuffer data;

    @Setup(Level.Trial)
    public void open() throws IOException {
        Path folder = Path.of(System.getProperty("benchmark.dir", "target/benchmark-data"));
        Files.createDirectories(folder);
        file = Files.createTempFile(folder, "disk", ".limit");
        channel = FileChannel.open(file, StandardOpenOption.WRITE);
        data = ByteBuffer.allocateDirect(blocks * BLOCK);
        ByteBuffer zeroes = ByteBuffer.allocateDirect(1 << 20);
        for (long at = 0; at < (long) FILE_BLOCKS * BLOCK; at += zeroes.capacity()) {
            channel.write(zeroes.clear(), at);
        }
        channel.force(true);
    }

    @Benchmark
    public void twoFlushes() throws IOException {
        channel.write(data.clear(), (1L + random.nextInt(FILE_BLOCKS - blocks - 1)) * BLOCK);
        channel.force(false);
        channel.write(data.clear().limit(BLOCK), 0);
        channel.force(false);
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        channel.close();
        Files.delete(file);
    }
}

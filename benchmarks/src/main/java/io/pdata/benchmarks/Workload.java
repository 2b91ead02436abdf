package io.pdata.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Keys in random order, and stores that hold them. */
final class Workload {
    private static final int LOAD_BATCH = 100_000;

    private Workload() {}

    /** The {@code i}-th key: every {@code i} has its own, spread over all 64 bits (an odd multiplier is a bijection). */
    static long key(long i) {
        return i * 0x9E3779B97F4A7C15L >>> 1;
    }

    /** Where stores are kept between runs: {@code -Dbenchmark.dir}, on the disk that is to be measured. */
    static Path folder(String engine, long entries, int valueSize, String purpose) {
        Path base = Path.of(System.getProperty("benchmark.dir", "target/benchmark-data"));
        return base.resolve(engine + "-" + entries + "-" + valueSize + "-" + purpose);
    }

    /** Opens a store with {@code entries} entries that were put in random order, loading it if it was not kept. */
    static Engine loaded(String name, long entries, int valueSize, String purpose) {
        Path folder = folder(name, entries, valueSize, purpose);
        Path complete = folder.resolve("complete");
        boolean load = !Files.exists(complete);
        try {
            Files.createDirectories(folder);
            if (load) {
                forgetHalfLoaded(folder);
            }
            Engine engine = Engine.open(name, folder, valueSize, entries);
            if (load) {
                for (long i = 0; i < entries; i++) {
                    engine.put(key(i), i);
                    if (i % LOAD_BATCH == LOAD_BATCH - 1) {
                        engine.commit();
                    }
                }
                engine.commit();
                Files.createFile(complete);
            }
            return engine;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void forgetHalfLoaded(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }
}

package io.pdata.benchmarks;

import java.nio.file.Path;

/** A store with one ordered map from {@code long} to values of one size, as the benchmarks need it. */
interface Engine extends AutoCloseable {

    /** Opens the store in a folder of its own, making it if it is not there. */
    static Engine open(String name, Path folder, int valueSize, long entries) {
        return switch (name) {
        case "pdata" -> new PdataEngine(folder, valueSize, entries);
        case "lmdb" -> new LmdbEngine(folder, valueSize, entries);
        default -> throw new IllegalArgumentException("no engine is called " + name);
        };
    }

    /** Reads the whole value of a key and returns its first eight bytes. */
    long get(long key);

    /** Reads the first {@code count} entries in order; returns the sum of the first eight bytes of each value. */
    long scan(int count);

    /** Sets a key to a value that begins with {@code value}, in the running transaction. */
    void put(long key, long value);

    /** Makes everything put so far durable: when it returns, it survives a power cut. */
    void commit();

    /** Bytes handed to the operating system for writing since the store was opened. */
    long bytesWritten();

    /** Times the device was asked to make writes durable, where the engine tells; otherwise -1. */
    long flushes();

    @Override
    void close();
}

package io.pdata.fuzz.target;

import io.pdata.replication.Progress;
import io.pdata.replication.ReceiveOptions;
import io.pdata.replication.Receiver;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.NamedVolume;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A pool in a temporary folder, with one volume that streams can be changes to. It goes when it is closed, or the JVM
 * ends.
 */
final class ReceivingPool implements AutoCloseable {
    /** The size of the volume. */
    static final int SIZE = 192 << 10;
    /** What it holds. */
    static final byte[] BASE = bytes(0, SIZE);
    /** Names what it holds. */
    static final UUID CONTENT = new UUID(1, 2);

    private static final long DATA_BYTES = 32 << 20;
    private static final long METADATA_BYTES = 1 << 20;
    private static final int BLOCK_SECTORS = 128;

    private final Path folder;
    private final Thread deletion = new Thread(this::delete);
    private final NamedPool named;
    private final List<NamedVolume> volumes;
    private final long used;

    ReceivingPool() {
        try {
            folder = Files.createTempDirectory("receiving");
            Runtime.getRuntime().addShutdownHook(deletion);
            named = NamedPool.create(folder, new NamedPool.Geometry(DATA_BYTES, METADATA_BYTES, BLOCK_SECTORS),
                    PoolOptions.defaults().withErrorIfNoSpace(true).withCommitPeriod(Duration.ZERO), PoolEvents.NONE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] stream = new StreamForge()
                .begin("base", SIZE, CONTENT, StreamForge.NONE, 0, new byte[StreamForge.DIGEST]).data(0, BASE).end()
                .mended(0);
        new Receiver(named).receive(new ByteArrayInputStream(stream), new ReceiveOptions(null, false, false),
                Progress.NONE);
        volumes = named.volumes();
        used = used();
    }

    /** Some bytes, always the same for a seed. */
    static byte[] bytes(int seed, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (seed * 31 + i * 7 + i / 251);
        }
        return bytes;
    }

    NamedPool named() {
        return named;
    }

    private long used() {
        return named.pool().status().usedDataBlocks();
    }

    /** The pool must have what it had when it was made, and nothing else. */
    void requireAsBefore() {
        Judge.require(named.volumes().equals(volumes), "other volumes are there now: " + named.volumes());
        Judge.require(named.unfinished().isEmpty(), "something half-made has stayed: " + named.unfinished());
        Judge.require(used() == used, used() + " data blocks are in use, and there were " + used);
    }

    @Override
    public void close() {
        named.close();
        delete();
        Runtime.getRuntime().removeShutdownHook(deletion);
    }

    private void delete() {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

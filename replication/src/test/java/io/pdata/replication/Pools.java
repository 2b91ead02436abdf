package io.pdata.replication;

import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.Volume;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;

/** Pools in folders, and what tests do with them. */
final class Pools {
    static final long KIB = 1 << 10;
    static final long MIB = 1 << 20;

    private Pools() {}

    static PoolOptions options() {
        return PoolOptions.defaults().withErrorIfNoSpace(true).withCommitPeriod(Duration.ZERO);
    }

    /** @param blockSectors the size of a block in sectors */
    static NamedPool create(Path folder, int blockSectors) throws IOException {
        return NamedPool.create(folder, new NamedPool.Geometry(64 * MIB, 4 * MIB, blockSectors), options(),
                PoolEvents.NONE);
    }

    static NamedPool open(Path folder) {
        return NamedPool.open(folder, options(), PoolEvents.NONE);
    }

    static void write(NamedPool pool, String name, long position, byte[] bytes) {
        try (Volume volume = pool.open(name)) {
            volume.write(position, MemorySegment.ofArray(bytes));
        }
    }

    static byte[] content(NamedPool pool, String name) {
        try (Volume volume = pool.open(name)) {
            byte[] bytes = new byte[(int) volume.size()];
            volume.read(0, MemorySegment.ofArray(bytes));
            return bytes;
        }
    }

    static byte[] send(NamedPool pool, String name, String since) {
        return send(pool, name, since, null);
    }

    static byte[] send(NamedPool pool, String name, String since, ResumeToken resume) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PoolSource source = PoolSource.open(pool, name, since)) {
            Sender.send(source, resume, true, out, Progress.NONE);
        }
        return out.toByteArray();
    }

    static Receiver.Received receive(NamedPool pool, byte[] stream, String name) {
        return receive(pool, stream, new ReceiveOptions(name, false, false));
    }

    static Receiver.Received receive(NamedPool pool, byte[] stream, ReceiveOptions options) {
        return new Receiver(pool).receive(new ByteArrayInputStream(stream), options, Progress.NONE);
    }
}

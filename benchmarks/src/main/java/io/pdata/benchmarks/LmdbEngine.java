package io.pdata.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lmdbjava.ByteBufferProxy;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.DbiFlags;
import org.lmdbjava.Env;
import org.lmdbjava.EnvFlags;
import org.lmdbjava.SeekOp;
import org.lmdbjava.Txn;

/**
 * LMDB with integer keys and its fastest buffers; synchronous commits as LMDB makes them by default.
 *
 * <p>Reads go through one long-lived read transaction, renewed after a commit: what a careful user would do.
 */
final class LmdbEngine implements Engine {
    private final Env<ByteBuffer> env;
    private final Dbi<ByteBuffer> map;
    private final ByteBuffer key = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
    private final ByteBuffer value;
    private final byte[] copy;
    private final long writtenAtStart = written();
    private Txn<ByteBuffer> reader;
    private Txn<ByteBuffer> writer;

    LmdbEngine(Path folder, int valueSize, long entries) {
        long mapSize = Math.max(1L << 30, entries * (valueSize + 16L) * 4);
        env = Env.create(ByteBufferProxy.PROXY_OPTIMAL).setMapSize(mapSize).setMaxDbs(1).open(folder.toFile(),
                EnvFlags.MDB_NORDAHEAD, EnvFlags.MDB_NOTLS);
        map = env.openDbi("map", DbiFlags.MDB_CREATE, DbiFlags.MDB_INTEGERKEY);
        value = ByteBuffer.allocateDirect(valueSize).order(ByteOrder.LITTLE_ENDIAN);
        copy = new byte[valueSize];
    }

    @Override
    public long get(long wanted) {
        key.putLong(0, wanted);
        ByteBuffer found = map.get(reading(), key);
        if (found == null) {
            throw new IllegalStateException("key " + wanted + " is missing");
        }
        found.order(ByteOrder.LITTLE_ENDIAN);
        if (copy.length == 8) {
            return found.getLong(0);
        }
        found.get(0, copy);
        return found.getLong(0);
    }

    @Override
    public long scan(int count) {
        long sum = 0;
        try (Cursor<ByteBuffer> cursor = map.openCursor(reading())) {
            boolean more = cursor.seek(SeekOp.MDB_FIRST);
            for (int i = 0; i < count && more; i++) {
                sum += Long.reverseBytes(cursor.val().getLong(0));
                more = cursor.next();
            }
        }
        return sum;
    }

    @Override
    public void put(long wanted, long first) {
        key.putLong(0, wanted);
        value.putLong(0, first).rewind();
        map.put(writing(), key, value);
    }

    @Override
    public void commit() {
        if (reader != null) {
            reader.close();
            reader = null;
        }
        if (writer != null) {
            writer.commit();
            writer.close();
            writer = null;
        }
    }

    private Txn<ByteBuffer> reading() {
        if (reader == null) {
            reader = env.txnRead();
        }
        return reader;
    }

    private Txn<ByteBuffer> writing() {
        if (writer == null) {
            writer = env.txnWrite();
        }
        return writer;
    }

    @Override
    public long bytesWritten() {
        return written() - writtenAtStart;
    }

    /** What this process has passed to write calls; LMDB keeps no such count of its own. */
    private static long written() {
        try {
            return Files.readAllLines(Path.of("/proc/self/io")).stream().filter(line -> line.startsWith("wchar:"))
                    .mapToLong(line -> Long.parseLong(line.substring(6).strip())).findFirst().orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public long flushes() {
        return -1;
    }

    @Override
    public void close() {
        commit();
        env.close();
    }
}

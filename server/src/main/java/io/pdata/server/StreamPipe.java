package io.pdata.server;

import io.pdata.core.device.PersistentDataException;
import io.pdata.replication.Progress;
import io.pdata.replication.TransferException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;

/** A volume of a pool as a stream to read, which another thread writes. Used by one thread; to be closed before the pool. */
public final class StreamPipe implements AutoCloseable {
    private static final int ROOM = 4 << 20;

    private final PipedInputStream in = new PipedInputStream(ROOM);
    private final Thread sender;
    private volatile PersistentDataException failure;

    /** Begins to send a volume, whole and not compressed. */
    public StreamPipe(PoolService pool, String volume) throws IOException {
        PipedOutputStream out = new PipedOutputStream(in);
        sender = Thread.ofPlatform().name("sender").start(() -> send(pool, volume, out));
    }

    private void send(PoolService pool, String volume, PipedOutputStream out) {
        try (out) {
            try {
                pool.send(new SendRequest(volume, null, null, false), new Announced(out), Progress.NONE);
            } catch (PersistentDataException e) {
                failure = e; // before the end of the stream, which whoever reads takes for the reason
            }
        } catch (IOException e) {
            failure = new TransferException("the stream cannot be written: " + e.getMessage(), e);
        }
    }

    /** Tells the reader of whatever is written: it would look only once a second otherwise. */
    private static final class Announced extends FilterOutputStream {
        Announced(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            out.flush();
        }
    }

    /** The stream; if the pool refuses to send it, reading it says so. */
    public InputStream input() {
        return new RunsOfBytes() {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int n = in.read(target, offset, length);
                if (n < 0 && failure != null) {
                    throw failure;
                }
                return n;
            }
        };
    }

    /** Ends the sender, also if it is not ready, and waits for it. */
    @Override
    public void close() throws IOException {
        in.close();
        try {
            sender.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.pdata.tools.thin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Runs in a temporary file, in order: the numbers of each one after another, as {@link RunNumbers} has them. Errors are
 * thrown as the file has them.
 */
final class RunFile {
    private static final int BUFFER = 1 << 15;

    private RunFile() {}

    /** Writes a file from its beginning. Not thread-safe. */
    static final class Writer implements AutoCloseable {
        private final FileChannel file;
        private final ByteBuffer bytes = ByteBuffer.allocateDirect(BUFFER);

        /** Writes to a file that exists. */
        Writer(Path path) throws IOException {
            file = FileChannel.open(path, StandardOpenOption.WRITE);
        }

        /** Writes the run whose numbers begin at {@code at}. */
        void write(long[] runs, int at) throws IOException {
            if (!bytes.hasRemaining()) {
                flush();
            }
            for (int i = 0; i < RunNumbers.NUMBERS; i++) {
                bytes.putLong(runs[at + i]);
            }
        }

        void flush() throws IOException {
            bytes.flip();
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            bytes.clear();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /** Reads a file from its beginning. Not thread-safe. */
    static final class Reader implements AutoCloseable {
        /** The numbers of the run that is next begin at {@link #at}. */
        final long[] runs = new long[BUFFER / Long.BYTES];
        int at;
        private int end;
        private final FileChannel file;
        private final ByteBuffer bytes = ByteBuffer.allocateDirect(BUFFER);

        Reader(Path path) throws IOException {
            file = FileChannel.open(path, StandardOpenOption.READ);
        }

        /** Goes on to the next run, at first to the first; false if there is none. */
        boolean advance() throws IOException {
            at += RunNumbers.NUMBERS;
            if (at >= end) {
                bytes.clear();
                int read;
                do {
                    read = file.read(bytes);
                } while (read > 0 && bytes.hasRemaining());
                bytes.flip();
                at = 0;
                end = bytes.remaining() / Long.BYTES;
                bytes.asLongBuffer().get(runs, 0, end);
            }
            return at < end;
        }

        boolean isBefore(Reader other) {
            return RunNumbers.compare(runs, at, other.runs, other.at) < 0;
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}

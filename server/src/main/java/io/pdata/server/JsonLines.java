package io.pdata.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Lines of text over a socket. Memory: a buffer as large as the longest line so far, and never larger than allowed. Used by
 * one thread; another may close it.
 */
final class JsonLines implements AutoCloseable {
    private static final int FIRST_SIZE = 8 << 10;

    private final SocketChannel channel;
    private final int longest;
    private ByteBuffer buffer = ByteBuffer.allocate(FIRST_SIZE);

    /** A line is longer than allowed. */
    static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        TooLongException(int longest) {
            super("a line of more than " + longest + " bytes");
        }
    }

    /** @param longest how many bytes a line may have that is read */
    JsonLines(SocketChannel channel, int longest) {
        this.channel = channel;
        this.longest = longest;
    }

    /** The next line, without its end; null at the end of the stream. */
    String read() throws IOException {
        int searched = 0;
        while (true) {
            for (; searched < buffer.position(); searched++) {
                if (buffer.get(searched) == '\n') {
                    return take(searched);
                }
            }
            if (buffer.position() >= longest) {
                throw new TooLongException(longest);
            }
            if (!buffer.hasRemaining()) {
                buffer = ByteBuffer.allocate((int) Math.min(longest, 2L * buffer.capacity())).put(buffer.flip());
            }
            if (channel.read(buffer) < 0) {
                if (buffer.position() > 0) {
                    throw new IOException("the connection ended in the middle of a line");
                }
                return null;
            }
        }
    }

    private String take(int end) {
        String line = new String(Arrays.copyOf(buffer.array(), end), StandardCharsets.UTF_8);
        buffer.flip().position(end + 1);
        buffer.compact();
        return line;
    }

    void write(String line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** What comes after the lines that have been read, as bytes; no more lines can be read then, until its end. */
    InputStream input() {
        return new RunsOfBytes() {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                if (buffer.position() == 0) {
                    return channel.read(ByteBuffer.wrap(target, offset, length));
                }
                int n = Math.min(length, buffer.position());
                buffer.flip().get(target, offset, n);
                buffer.compact();
                return n;
            }
        };
    }

    /** What is written goes behind the lines that have been written. */
    OutputStream output() {
        return Channels.newOutputStream(channel);
    }

    /** Says that nothing more will be written. */
    void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

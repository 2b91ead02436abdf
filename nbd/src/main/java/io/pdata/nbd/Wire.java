package io.pdata.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * Both directions of a connection, buffered. What is written goes out when the buffer is full, at {@link #flush}, and
 * before anything is waited for: so the replies to requests that came together leave together.
 *
 * <p>For one thread.
 */
final class Wire implements AutoCloseable {
    private static final int IN_BYTES = 128 << 10;
    private static final int OUT_BYTES = 512 << 10;

    private final ByteChannel channel;
    private final ByteBuffer in = ByteBuffer.allocateDirect(IN_BYTES).flip();
    private final ByteBuffer out = ByteBuffer.allocateDirect(OUT_BYTES);

    Wire(ByteChannel channel) {
        this.channel = channel;
    }

    /** Waits until {@code bytes} can be taken from the buffer; at most its size. */
    private void require(int bytes) throws IOException {
        if (in.remaining() >= bytes) {
            return;
        }
        in.compact();
        try {
            while (in.position() < bytes) {
                flush();
                if (channel.read(in) < 0) {
                    throw new EOFException("the client has gone");
                }
            }
        } finally {
            in.flip();
        }
    }

    /** Whether the client has ended the connection where a request would begin. Waits. */
    boolean atEnd() throws IOException {
        if (in.hasRemaining()) {
            return false;
        }
        flush();
        in.clear();
        int read = channel.read(in);
        in.flip();
        return read < 0;
    }

    short getShort() throws IOException {
        require(Short.BYTES);
        return in.getShort();
    }

    int getInt() throws IOException {
        require(Integer.BYTES);
        return in.getInt();
    }

    long getLong() throws IOException {
        require(Long.BYTES);
        return in.getLong();
    }

    /** Takes all that {@code target} has room for. */
    void get(ByteBuffer target) throws IOException {
        int buffered = Math.min(in.remaining(), target.remaining());
        target.put(in.slice(in.position(), buffered));
        in.position(in.position() + buffered);
        while (target.hasRemaining()) {
            flush();
            if (channel.read(target) < 0) {
                throw new EOFException("the client has gone in the middle of a request");
            }
        }
    }

    byte[] getBytes(int length) throws IOException {
        byte[] bytes = new byte[length];
        get(ByteBuffer.wrap(bytes));
        return bytes;
    }

    /** Takes bytes and forgets them. */
    void skip(long length) throws IOException {
        for (long left = length; left > 0;) {
            require(1);
            int step = (int) Math.min(left, in.remaining());
            in.position(in.position() + step);
            left -= step;
        }
    }

    private ByteBuffer room(int bytes) throws IOException {
        if (out.remaining() < bytes) {
            flush();
        }
        return out;
    }

    Wire putShort(int value) throws IOException {
        room(Short.BYTES).putShort((short) value);
        return this;
    }

    Wire putInt(int value) throws IOException {
        room(Integer.BYTES).putInt(value);
        return this;
    }

    Wire putLong(long value) throws IOException {
        room(Long.BYTES).putLong(value);
        return this;
    }

    Wire put(byte[] bytes) throws IOException {
        return put(ByteBuffer.wrap(bytes));
    }

    Wire put(String text) throws IOException {
        return put(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends what is in {@code source}; large pieces without copying them. */
    Wire put(ByteBuffer source) throws IOException {
        if (source.remaining() <= out.remaining()) {
            out.put(source);
            return this;
        }
        flush();
        if (source.remaining() <= out.remaining()) {
            out.put(source);
        } else {
            send(source);
        }
        return this;
    }

    void flush() throws IOException {
        if (out.position() > 0) {
            out.flip();
            send(out);
            out.clear();
        }
    }

    private void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

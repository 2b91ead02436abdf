package io.pdata.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/**
 * Both directions of a connection, buffered. What is written goes out when the buffer is full, at {@link #flush}, and
 * before anything is waited for: so the replies to requests that came together leave together.
 *
 * <p>For one thread, but for {@link #waits}. The buffers are small until {@link #enlarge}, so that clients which do nothing
 * but connect cost little.
 */
final class Wire implements AutoCloseable {
    private static final int SMALL = 8 << 10;
    private static final int IN_BYTES = 128 << 10;
    private static final int OUT_BYTES = 512 << 10;

    private ByteChannel channel;
    private ByteBuffer in = ByteBuffer.allocateDirect(SMALL).flip();
    private ByteBuffer out = ByteBuffer.allocateDirect(SMALL);
    private volatile int waits;

    Wire(ByteChannel channel) {
        this.channel = channel;
    }

    /** Makes room for requests that come together, and for their replies. */
    void enlarge() throws IOException {
        flush();
        in = ByteBuffer.allocateDirect(IN_BYTES).put(in).flip();
        out = ByteBuffer.allocateDirect(OUT_BYTES);
    }

    /** Goes on over another channel. What the client has sent already would have come over the one before. */
    void changeTo(ByteChannel next) throws IOException {
        if (in.hasRemaining()) {
            throw new ProtocolException("bytes that came before TLS began");
        }
        flush();
        channel = next;
    }

    ByteChannel channel() {
        return channel;
    }

    /** Odd while the client is being waited for; another number each time. Any thread. */
    int waits() {
        return waits;
    }

    private int receive(ByteBuffer target) throws IOException {
        flush();
        waits++;
        try {
            return channel.read(target);
        } finally {
            waits++;
        }
    }

    /** Waits until {@code bytes} can be taken from the buffer; at most its size. */
    private void require(int bytes) throws IOException {
        if (in.remaining() >= bytes) {
            return;
        }
        in.compact();
        try {
            while (in.position() < bytes) {
                if (receive(in) < 0) {
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
        in.clear();
        int read;
        try {
            read = receive(in);
        } finally {
            in.flip();
        }
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
        target.put(target.position(), in, in.position(), buffered);
        target.position(target.position() + buffered);
        in.position(in.position() + buffered);
        while (target.hasRemaining()) {
            if (receive(target) < 0) {
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

    /** Sends what is in {@code source}; large pieces without copying them. */
    Wire put(ByteBuffer source) throws IOException {
        if (source.remaining() > out.remaining()) {
            flush();
        }
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

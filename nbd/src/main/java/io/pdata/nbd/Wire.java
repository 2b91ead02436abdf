package io.pdata.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/**
 * Both directions of a connection, buffered. What is written goes out when the buffer is full, at {@link #flush}, and
 * before anything is waited for: so the replies to requests that came together leave together. Bytes can be used where they
 * are in the buffers ({@link #take}, {@link #ahead}), so that they are copied once on their way.
 *
 * <p>For one thread. The buffers are small until {@link #enlarge}, so that clients which do nothing
 * but connect cost little.
 */
final class Wire implements AutoCloseable {
    /** The longest payload that {@link #take} can have. */
    static final int LONGEST_TAKEN = 64 << 10;

    private static final int SMALL = 8 << 10;
    private static final int IN_BYTES = 128 << 10;
    private static final int OUT_BYTES = 512 << 10;
    /** So much goes out at once: the client has something to do while the next is being made. */
    private static final int ENOUGH = 256 << 10;
    /** How long replies wait for those to requests that came together with theirs. */
    private static final long MOST_HELD_NANOS = 200_000;
    /** What is received ahead where long payloads come: it has to be moved to where the rest of the payload goes. */
    private static final int LITTLE_AHEAD = 4 << 10;

    private ByteChannel channel;
    private Patience patience = new Patience(Patience.ENDLESS);
    private ByteBuffer in;
    private ByteBuffer out;
    private Slices inBytes;
    private Slices outBytes;
    private int receivedAhead;
    /** When replies were first seen to be held back; 0: none are. */
    private long heldSince;

    Wire(ByteChannel channel) {
        this.channel = channel;
        buffers(SMALL, SMALL, ByteBuffer.allocate(0));
    }

    private void buffers(int inSize, int outSize, ByteBuffer received) {
        in = ByteBuffer.allocateDirect(inSize);
        out = ByteBuffer.allocateDirect(outSize);
        inBytes = new Slices(MemorySegment.ofBuffer(in));
        outBytes = new Slices(MemorySegment.ofBuffer(out));
        in.put(received).flip();
        receivedAhead = inSize;
    }

    /** Makes room for requests that come together, and for their replies. */
    void enlarge() throws IOException {
        flush();
        buffers(IN_BYTES, OUT_BYTES, in);
    }

    /** Says whether payloads are coming that {@link #get} will take, rather than many requests at a time. */
    void expectLongPayloads(boolean expected) {
        receivedAhead = expected ? LITTLE_AHEAD : in.capacity();
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

    /** From now on waits for the client as long as this allows. */
    void waitWith(Patience limited) {
        patience = limited;
    }

    Patience patience() {
        return patience;
    }

    private int receive(ByteBuffer target) throws IOException {
        flush();
        patience.begin();
        try {
            return channel.read(target);
        } finally {
            patience.end();
        }
    }

    /** Waits until {@code bytes} can be taken from the buffer; at most its size. */
    private void require(int bytes) throws IOException {
        if (in.remaining() >= bytes) {
            return;
        }
        in.compact().limit(Math.max(bytes, receivedAhead));
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
        in.clear().limit(receivedAhead);
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

    /** The next bytes, at most {@link #LONGEST_TAKEN}, where they are; they stay there until more is asked for. */
    MemorySegment take(int length) throws IOException {
        require(length);
        MemorySegment taken = inBytes.of(in.position(), length);
        in.position(in.position() + length);
        return taken;
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

    /** Room for {@code length} bytes that will be sent behind the next {@code skipped} ones; both fit the buffer. */
    MemorySegment ahead(int skipped, int length) throws IOException {
        return outBytes.of(room(skipped + length).position() + skipped, length);
    }

    /** The next bytes to be sent are there already: they have been put into the room of {@link #ahead}. */
    void putAhead(int length) throws IOException {
        out.position(out.position() + length);
        if (out.position() >= ENOUGH) {
            flush();
        }
    }

    /** Whether replies have waited for others long enough. */
    boolean isHoldingReplies() {
        if (out.position() == 0) {
            return false;
        }
        long now = System.nanoTime();
        if (heldSince == 0) {
            heldSince = now;
        }
        return now - heldSince > MOST_HELD_NANOS;
    }

    void flush() throws IOException {
        heldSince = 0;
        if (out.position() > 0) {
            out.flip();
            send(out);
            out.clear();
        }
    }

    private void send(ByteBuffer bytes) throws IOException {
        patience.begin();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } finally {
            patience.end();
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

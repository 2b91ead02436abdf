package io.pdata.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * The bytes that come from a client and go to it. Reads and writes block. While requests wait for something else
 * ({@link #attend}), a read is interrupted by {@link #wake} and tries them again.
 *
 * <p>It also finds out whether the client has ended the connection while bytes that it sent before have not been used yet
 * ({@link #hasGone}): it reads up to {@value #MOST_AHEAD} of them ahead. Behind more than that the end of a Unix socket and
 * a reset are still seen, but not the end of a TCP stream.
 *
 * <p>For the thread of the connection, except for {@link #wake}, {@link #drain}, {@link #sends} and {@link #close}.
 */
final class ClientChannel implements ByteChannel {
    private static final int MOST_AHEAD = 1 << 20;
    private static final int STEP_AHEAD = 64 << 10;
    private static final long POLL_MILLIS = 100;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ByteChannel channel;
    /** Null where it is no socket: then waiting requests hold up those after them. */
    private final SocketChannel socket;
    /** Wakes the thread of the connection; made when requests wait for the first time. */
    private volatile Selector selector;
    private SelectionKey key;
    /** Tries the waiting requests again; null while none waits. */
    private Runnable retry;
    private ByteBuffer ahead = NOTHING;
    private boolean ended;
    private volatile boolean woken;
    private volatile boolean draining;
    private volatile int sends;

    ClientChannel(ByteChannel channel) {
        this.channel = channel;
        this.socket = channel instanceof SocketChannel s ? s : null;
    }

    // ---- reading ----

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (ahead.hasRemaining()) {
            return takeAhead(target);
        }
        if (ended || draining) {
            return -1;
        }
        if (retry != null) {
            int bytes = readOrRetry(target);
            if (bytes != 0) {
                return bytes;
            }
        }
        return channel.read(target);
    }

    private int takeAhead(ByteBuffer target) {
        int bytes = Math.min(ahead.remaining(), target.remaining());
        target.put(target.position(), ahead, ahead.position(), bytes);
        target.position(target.position() + bytes);
        ahead.position(ahead.position() + bytes);
        if (!ahead.hasRemaining()) {
            ahead = NOTHING;
        }
        return bytes;
    }

    /** Reads as soon as there is something to read; returns 0 when no request waits any longer. */
    private int readOrRetry(ByteBuffer target) throws IOException {
        while (retry != null) {
            if (woken) {
                retryNow();
                if (ahead.hasRemaining()) {
                    return takeAhead(target);
                }
                continue;
            }
            int bytes = socket == null ? 0 : socket.read(target);
            if (bytes != 0) {
                return bytes;
            }
            await(SelectionKey.OP_READ, 0);
            if (draining) {
                return -1;
            }
        }
        return 0;
    }

    /** Nothing of a client that has gone is carried out. */
    private void retryNow() throws IOException {
        woken = false;
        if (hasGone()) {
            throw new EOFException("the client has gone");
        }
        retry.run();
    }

    private void await(int operations, long millis) throws IOException {
        if (key != null) {
            key.interestOps(operations);
        }
        selector.select(millis);
        selector.selectedKeys().clear();
        if (!channel.isOpen()) {
            throw new AsynchronousCloseException();
        }
    }

    // ---- requests that wait ----

    /**
     * Requests wait from now on.
     *
     * @param again tries them again: once soon, as the room may have come already, then after each
     *        {@link #wake}; called by the thread of the connection from within {@link #read} and {@link #awaitRetry}
     */
    void attend(Runnable again) throws IOException {
        if (selector == null) {
            selector = Selector.open();
        }
        if (socket != null && key == null) {
            socket.configureBlocking(false);
            key = socket.register(selector, 0);
        }
        if (retry == null) {
            retry = again;
            woken = true;
        }
    }

    /** No request waits any longer. */
    void relax() throws IOException {
        retry = null;
        if (key != null) {
            key.cancel();
            key = null;
            selector.selectNow();
            socket.configureBlocking(true);
        }
    }

    /**
     * Waits for the next {@link #wake} and retries, without reading anything for the connection.
     *
     * @throws IOException if the client or the server ends the connection before
     */
    void awaitRetry() throws IOException {
        while (!woken) {
            if (hasGone()) {
                throw new EOFException("the client has gone");
            }
            boolean full = ahead.remaining() >= MOST_AHEAD;
            await(full ? 0 : SelectionKey.OP_READ, full ? POLL_MILLIS : 0);
            if (draining) {
                throw new EOFException("the server ends");
            }
        }
        retryNow();
    }

    /** Waits until no request waits any longer, or the client has gone; it is not expected to send anything. */
    void finishWaiting() throws IOException {
        if (retry != null && !ahead.hasRemaining() && !ended && !draining) {
            readOrRetry(ByteBuffer.allocate(1));
        }
    }

    /** Waiting requests are worth another try. Any thread; returns at once. */
    void wake() {
        woken = true;
        Selector waiting = selector;
        if (waiting != null) {
            waiting.wakeup();
        }
    }

    // ---- whether the client is there ----

    /** Whether the client has ended the connection, although bytes from before may not have been read yet. */
    boolean hasGone() throws IOException {
        if (ended || socket == null) {
            return ended;
        }
        boolean blocking = key == null;
        if (blocking) {
            socket.configureBlocking(false);
        }
        try {
            ended = readAhead() || ahead.remaining() >= MOST_AHEAD && hungUp();
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            ended = true; // it has reset the connection
        }
        if (blocking) {
            socket.configureBlocking(true);
        }
        return ended;
    }

    /** Reads all there is, up to the limit; returns whether the stream ends there. */
    private boolean readAhead() throws IOException {
        while (ahead.remaining() < MOST_AHEAD) {
            ByteBuffer larger = ahead.capacity() - ahead.limit() >= STEP_AHEAD ? ahead : moved();
            int limit = larger.limit();
            int bytes = socket.read(larger.duplicate().limit(limit + STEP_AHEAD).position(limit));
            if (bytes <= 0) {
                return bytes < 0;
            }
            ahead = larger.limit(limit + bytes);
        }
        return false;
    }

    private ByteBuffer moved() {
        int capacity = Math.max(2 * ahead.remaining(), STEP_AHEAD) + STEP_AHEAD;
        ByteBuffer larger = ByteBuffer.allocate(capacity).limit(ahead.remaining());
        larger.put(0, ahead, ahead.position(), ahead.remaining());
        return larger;
    }

    /** A hang-up makes every operation ready, also the one that a connected socket is never ready for otherwise. */
    private boolean hungUp() throws IOException {
        try (Selector poll = Selector.open()) {
            SelectionKey probe = socket.register(poll, SelectionKey.OP_CONNECT);
            boolean gone = poll.selectNow() > 0;
            probe.cancel();
            poll.selectNow();
            return gone;
        }
    }

    // ---- writing, the end ----

    @Override
    public int write(ByteBuffer source) throws IOException {
        sends++;
        try {
            int bytes = channel.write(source);
            while (bytes == 0 && key != null && source.hasRemaining()) {
                await(SelectionKey.OP_WRITE, 0);
                bytes = channel.write(source);
            }
            return bytes;
        } finally {
            sends++;
        }
    }

    /** Odd while something is being sent; another number each time. Any thread. */
    int sends() {
        return sends;
    }

    /** From now on only the bytes that were read ahead are read; a read that waits ends. Any thread. */
    void drain() throws IOException {
        draining = true;
        wake();
        if (socket != null) {
            socket.shutdownInput();
        }
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    /** Ends the connection; a read or write that waits fails. Any thread. */
    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            wake();
        }
    }

    /** Closes the selector of the thread of the connection; its last call. */
    void release() throws IOException {
        Selector used = selector;
        if (used != null) {
            used.close();
        }
    }
}

package io.pdata.server;

import io.pdata.core.device.EngineThread;
import io.pdata.core.device.ErrorText;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A client of the control socket, with a thread of its own. It is idle while it has not asked for anything, and while it does
 * not read an answer; then it may be {@link #drop dropped} for another.
 */
final class ControlConnection {
    private static final ThreadFactory THREADS = EngineThread.factory("control");

    /** The activity of a connection. */
    private enum State {
        IDLE, WORKING, STREAMING
    }

    private final SocketChannel channel;
    private final PoolService pool;
    private final Consumer<String> log;
    private final BooleanSupplier closing;
    private final BooleanSupplier mayStream;
    private final Consumer<ControlConnection> onEnd;
    private final Thread thread = THREADS.newThread(this::run);
    private volatile State state = State.IDLE;
    private volatile long since = System.nanoTime();
    /** Why it is ended, for the client; null while it is not. */
    private volatile String refusal;

    /**
     * @param closing whether the server is closing
     * @param mayStream whether there may be one more stream
     * @param onEnd is told when the connection has ended
     */
    ControlConnection(SocketChannel channel, PoolService pool, Consumer<String> log, BooleanSupplier closing,
            BooleanSupplier mayStream, Consumer<ControlConnection> onEnd) {
        this.channel = channel;
        this.pool = pool;
        this.log = log;
        this.closing = closing;
        this.mayStream = mayStream;
        this.onEnd = onEnd;
    }

    void start() {
        thread.start();
    }

    /** Since when it has been idle, by {@link System#nanoTime}; {@link Long#MAX_VALUE} if it is not. */
    long idleSince() {
        return state == State.IDLE ? since : Long.MAX_VALUE;
    }

    boolean isStreaming() {
        return state == State.STREAMING;
    }

    /** Answers the first request with a refusal, and ends. To be called before {@link #start}. */
    void refuse(String reason) {
        refusal = reason;
    }

    /** Ends it because it is idle: it gets a line that says so, if it reads. */
    void drop(String reason) throws IOException {
        refusal = reason;
        try {
            channel.shutdownInput();
        } catch (ClosedChannelException e) {
            return; // it has ended by itself
        }
    }

    /** Ends it at once, whatever it is doing. */
    void cut() throws IOException {
        channel.close();
    }

    /** Has it end when the request that is under way has been answered; a stream, which may take hours, at once. */
    void finish() throws IOException {
        try {
            if (isStreaming()) {
                channel.close();
            } else {
                channel.shutdownInput();
            }
        } catch (ClosedChannelException e) {
            return; // it has ended by itself
        }
    }

    /** Waits for its end. */
    void join(long millis) throws InterruptedException {
        thread.join(millis);
    }

    private void run() {
        try (JsonLines lines = new JsonLines(channel, ControlServer.LONGEST_REQUEST)) {
            serve(lines);
        } catch (IOException e) {
            if (!closing.getAsBoolean() && refusal == null) {
                log.accept("control socket: " + ErrorText.of(e));
            }
        } catch (RuntimeException | Error e) {
            log.accept("control socket: a client was disconnected: " + ErrorText.of(e));
        } finally {
            onEnd.accept(this);
        }
    }

    private void serve(JsonLines lines) throws IOException {
        for (String line = next(lines); line != null && !closing.getAsBoolean(); line = next(lines)) {
            if (refusal != null) {
                break;
            }
            Request request;
            try {
                request = Json.readRequest(line);
            } catch (IOException e) {
                lines.write(error("INVALID", "not a request: " + e.getMessage()));
                return;
            }
            become(State.WORKING);
            if (Commands.isStream(request)) {
                if (!mayStream.getAsBoolean()) {
                    lines.write(error("BUSY", ControlServer.MOST_STREAMS + " streams are under way; try again later"));
                    return;
                }
                become(State.STREAMING);
                Streams.run(pool, request, lines);
                return;
            }
            String answer = Json.line(Commands.run(pool, request));
            become(State.IDLE); // a client that does not read its answer is idle too
            lines.write(answer);
        }
        if (refusal != null) {
            lines.write(error("BUSY", refusal));
        }
    }

    private String next(JsonLines lines) throws IOException {
        become(State.IDLE);
        try {
            return lines.read();
        } catch (JsonLines.TooLongException e) {
            lines.write(error("INVALID", "not a request: " + e.getMessage()));
            throw e;
        }
    }

    private void become(State next) {
        since = System.nanoTime();
        state = next;
    }

    private static String error(String code, String message) {
        return Json.line(Answer.of(new ErrorReport(code, message)));
    }
}

package io.pdata.server;

import io.pdata.core.device.EngineThread;
import io.pdata.core.device.ErrorText;
import io.pdata.nbd.AcceptLoop;
import io.pdata.nbd.Endpoint;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Answers requests to a pool on a Unix socket that only this user can connect to: each request is a line of JSON
 * ({@link Request}), and gets a line back ({@link Answer}). What is no request ends the connection, after an answer that says
 * so.
 *
 * <p>A thread per connection; at most {@value #MOST_CLIENTS}. Whoever makes one must have the pool's lock: a socket that it
 * finds there was left behind by a server that is no more.
 */
final class ControlServer implements AutoCloseable {
    static final int LONGEST_REQUEST = 64 << 10;
    static final int MOST_CLIENTS = 64;

    private static final ThreadFactory THREADS = EngineThread.factory("control");
    private static final long DRAIN_SECONDS = 10;

    private final PoolService pool;
    private final Consumer<String> log;
    private AcceptLoop accepting;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean closing;

    private ControlServer(PoolService pool, Consumer<String> log) {
        this.pool = pool;
        this.log = log;
    }

    /** Begins to listen. */
    static ControlServer start(Path path, PoolService pool, Consumer<String> log) throws IOException {
        ControlServer server = new ControlServer(pool, log);
        server.accepting = new AcceptLoop(Endpoint.unix(path), THREADS, server::serve,
                line -> log.accept("control socket: " + line));
        server.accepting.start();
        return server;
    }

    private void serve(SocketChannel client) {
        Connection connection = new Connection(client);
        connections.add(connection);
        boolean started = false;
        try {
            connection.thread.start();
            started = true;
        } finally {
            if (!started) {
                connections.remove(connection);
            }
        }
    }

    private final class Connection {
        final SocketChannel channel;
        final Thread thread = THREADS.newThread(this::run);
        /** It may go on for hours: whoever closes the server does not wait for it. */
        volatile boolean streaming;

        Connection(SocketChannel channel) {
            this.channel = channel;
        }

        void run() {
            try (JsonLines lines = new JsonLines(channel, LONGEST_REQUEST)) {
                if (connections.size() > MOST_CLIENTS) {
                    lines.write(refusal("BUSY", "too many clients at the control socket"));
                } else {
                    serve(lines);
                }
            } catch (IOException e) {
                if (!closing) {
                    log.accept("control socket: " + ErrorText.of(e));
                }
            } catch (RuntimeException | Error e) {
                log.accept("control socket: a client was disconnected: " + ErrorText.of(e));
            } finally {
                connections.remove(this);
            }
        }

        private void serve(JsonLines lines) throws IOException {
            for (String line = lines.read(); line != null && !closing; line = lines.read()) {
                Request request;
                try {
                    request = Json.readRequest(line);
                } catch (IOException e) {
                    lines.write(refusal("INVALID", "that is no request: " + e.getMessage()));
                    return;
                }
                if (Commands.isStream(request)) {
                    streaming = true;
                    Streams.run(pool, request, lines);
                    return;
                }
                lines.write(Json.line(Commands.run(pool, request)));
            }
        }
    }

    private static String refusal(String code, String message) {
        return Json.line(Answer.of(new ErrorReport(code, message)));
    }

    /** Finishes the requests that are under way and closes all connections. */
    @Override
    public void close() throws IOException {
        closing = true;
        accepting.close();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
        for (Connection connection : connections) {
            try {
                if (connection.streaming) {
                    connection.channel.close();
                } else {
                    connection.channel.shutdownInput();
                }
            } catch (ClosedChannelException e) {
                continue; // it has ended by itself
            }
            join(connection.thread, deadline);
            connection.channel.close();
        }
    }

    private static void join(Thread thread, long deadline) {
        try {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

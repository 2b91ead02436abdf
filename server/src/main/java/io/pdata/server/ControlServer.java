package io.pdata.server;

import io.pdata.core.device.EngineThread;
import io.pdata.core.device.ErrorText;
import io.pdata.nbd.AcceptLoop;
import io.pdata.nbd.Endpoint;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
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
 * <p>A thread per connection, of which there are at most {@value #MOST_CLIENTS}. When there are as many, the one that has been
 * idle for the longest time is dropped for a new one; streams are never dropped, but are at most {@value #MOST_STREAMS}, so that
 * they leave room for requests. The caller of {@link #start} must hold the pool's lock: a socket in its place was left by a server
 * that has ended.
 */
final class ControlServer implements AutoCloseable {
    static final int LONGEST_REQUEST = 64 << 10;
    static final int MOST_CLIENTS = 64;
    static final int MOST_STREAMS = 48;
    /** So long after it was dropped a client that does not read is cut off. */
    private static final long LEAVING_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** A client that is idle has nothing to wait for, or does not read it. */
    private static final long IDLE_DRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final ThreadFactory THREADS = EngineThread.factory("control");
    private static final long DRAIN_SECONDS = 10;

    private final PoolService pool;
    private final Consumer<String> log;
    private AcceptLoop accepting;
    private final Set<ControlConnection> connections = ConcurrentHashMap.newKeySet();
    /** Connections that have been dropped, and since when. */
    private final Map<ControlConnection, Long> leaving = new ConcurrentHashMap<>();
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
        try {
            admit(client);
        } catch (IOException e) {
            log.accept("control socket: " + ErrorText.of(e));
        }
    }

    private void admit(SocketChannel channel) throws IOException {
        ControlConnection connection = new ControlConnection(channel, pool, log, () -> closing,
                this::hasRoomForStream, this::ended);
        cutOffLeaving();
        if (connections.size() >= MOST_CLIENTS && !dropIdle()) {
            connection.refuse("the control socket has " + MOST_CLIENTS
                    + " clients, and all of them have a request or a stream under way; try again later");
            leaving.put(connection, System.nanoTime());
        } else {
            connections.add(connection);
        }
        boolean started = false;
        try {
            connection.start();
            started = true;
        } finally {
            if (!started) {
                ended(connection);
            }
        }
    }

    private boolean hasRoomForStream() {
        return connections.stream().filter(ControlConnection::isStreaming).count() < MOST_STREAMS;
    }

    private void ended(ControlConnection connection) {
        connections.remove(connection);
        leaving.remove(connection);
    }

    /** Makes room for another client; returns false if none is idle. */
    private boolean dropIdle() throws IOException {
        ControlConnection longest = null;
        for (ControlConnection each : connections) {
            if (each.idleSince() != Long.MAX_VALUE && (longest == null || each.idleSince() - longest.idleSince() < 0)) {
                longest = each;
            }
        }
        if (longest == null) {
            return false;
        }
        connections.remove(longest);
        leaving.put(longest, System.nanoTime());
        longest.drop("this connection was idle, and " + MOST_CLIENTS
                + " clients are connected to the control socket: it was closed for another one");
        return true;
    }

    private void cutOffLeaving() throws IOException {
        long now = System.nanoTime();
        for (Map.Entry<ControlConnection, Long> each : leaving.entrySet()) {
            if (now - each.getValue() > LEAVING_NANOS || leaving.size() > MOST_CLIENTS) {
                each.getKey().cut();
            }
        }
    }

    /** Finishes the requests that are under way and closes all connections. */
    @Override
    public void close() throws IOException {
        closing = true;
        accepting.close();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
        for (ControlConnection connection : leaving.keySet()) {
            connection.cut();
        }
        for (ControlConnection connection : connections) {
            connection.finish();
        }
        long idleDeadline = System.nanoTime() + IDLE_DRAIN_NANOS;
        for (ControlConnection connection : connections) {
            join(connection, connection.idleSince() == Long.MAX_VALUE ? deadline : idleDeadline);
            connection.cut();
        }
    }

    private static void join(ControlConnection connection, long deadline) {
        try {
            connection.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.pdata.nbd;

import io.pdata.core.device.EngineThread;
import io.pdata.core.device.ErrorText;
import io.pdata.core.device.PrintableText;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Serves exports to any number of clients, on any number of sockets.
 *
 * <p>A connection has a thread, which does all of its work: handing requests over to others costs several times what most
 * of them take. Thread-safe.
 *
 * <p>When it is closed, it lets no new client in, answers the requests that it has received, and ends the connections
 * without an answer to later ones or to those that wait for room: a client that reconnects sends them again. Clients that do
 * not read their replies are disconnected after a second, all others after ten.
 *
 * <p>Source: doc/proto.md of the NetworkBlockDevice project; the document says SHOULD and MAY in many places, the classes of
 * this package say what they do there.
 */
public final class NbdServer implements AutoCloseable {
    private static final ThreadFactory THREADS = EngineThread.factory("nbd");
    private static final long DRAIN_SECONDS = 10;
    private static final long DRAIN_STEP_MILLIS = 20;
    private static final int STUCK_STEPS = 50;
    private static final long OVERDUE_MILLIS = 100;
    /** For requests that wait for room, beside what each connection has for its own. */
    private static final long PARKING_BYTES = 64 << 20;
    /** The longest line about a client, in characters. */
    private static final int LONGEST_LINE = 1000;

    private final Consumer<String> log;
    private final Connection.Settings settings;
    private final List<AcceptLoop> loops = new ArrayList<>();
    private final Map<Connection, Thread> connections = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1,
            EngineThread.factory("nbd-clock"));
    private volatile boolean draining;

    /** @param log gets a line for everything that goes wrong with a client */
    public NbdServer(Exports exports, Limits limits, Consumer<String> log) {
        this(exports, limits, Tls.none(), log);
    }

    /** @param log gets a line for everything that goes wrong with a client */
    public NbdServer(Exports exports, Limits limits, Tls tls, Consumer<String> log) {
        this.log = line -> log.accept(PrintableText.of(line, LONGEST_LINE));
        this.settings = new Connection.Settings(exports, limits, tls, () -> draining, this.log,
                new Places(limits, this.log), new ParkedRequests.Budget(PARKING_BYTES), new Admissions());
        clock.scheduleWithFixedDelay(this::endOverdue, OVERDUE_MILLIS, OVERDUE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Begins to listen on a Unix socket that only this user can connect to.
     *
     * @throws IOException if that is not possible; the message begins with the path
     */
    public UnixDomainSocketAddress listen(Path path) throws IOException {
        return (UnixDomainSocketAddress) listen(Endpoint.unix(path));
    }

    /** Begins to listen on a TCP port; returns where, if the port was 0. */
    public InetSocketAddress listen(InetSocketAddress address) throws IOException {
        return (InetSocketAddress) listen(Endpoint.tcp(address));
    }

    /**
     * Takes clients from a socket that another process has bound; it is not closed with the server.
     *
     * @return where it listens
     */
    public SocketAddress listen(ServerSocketChannel inherited) throws IOException {
        return listen(Endpoint.inherited(inherited));
    }

    /** Begins to accept clients; the endpoint is closed with the server. Returns where it listens. */
    public synchronized SocketAddress listen(Endpoint endpoint) throws IOException {
        AcceptLoop loop = new AcceptLoop(endpoint, THREADS, this::accept, log);
        loop.start();
        loops.add(loop);
        return endpoint.address();
    }

    private void accept(SocketChannel client) {
        Connection connection = new Connection(client, settings);
        Thread thread = THREADS.newThread(() -> run(connection));
        if (admit(connection, thread)) {
            boolean started = false;
            try {
                thread.start();
                started = true;
            } finally {
                if (!started) {
                    leave(connection);
                }
            }
        }
    }

    /**
     * Serves one client whose connection has been made in another way; returns when it has gone, with the channel closed.
     */
    public void serve(ByteChannel client) {
        Connection connection = new Connection(client, settings);
        if (admit(connection, Thread.currentThread())) {
            run(connection);
        }
    }

    private synchronized boolean admit(Connection connection, Thread thread) {
        if (draining) {
            connection.end();
            return false;
        }
        connections.put(connection, thread);
        settings.places().enter(connection);
        return true;
    }

    private void run(Connection connection) {
        try {
            connection.run();
        } finally {
            leave(connection);
        }
    }

    private void leave(Connection connection) {
        settings.places().leave(connection);
        connections.remove(connection);
    }

    /** Runs many times a second; nothing that goes wrong here must keep it from running again. */
    private void endOverdue() {
        try {
            connections.keySet().forEach(Connection::endIfOverdue);
        } catch (RuntimeException | Error e) {
            log.accept("clients that take too long could not be disconnected: " + ErrorText.of(e));
        }
    }

    /** How many clients are connected. */
    public int connections() {
        return connections.size();
    }

    /** Ends all connections that use one of these exports; returns when they have closed it. */
    public void disconnect(Set<? extends Export> exports) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
        Map<Connection, Thread> ending = new HashMap<>();
        connections.forEach((connection, thread) -> {
            Export export = connection.export();
            if (export != null && exports.contains(export)) {
                connection.end();
                ending.put(connection, thread);
            }
        });
        ending.values().forEach(thread -> join(thread, deadline));
    }

    @Override
    public void close() throws IOException {
        draining = true;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
        List<AcceptLoop> ending;
        synchronized (this) {
            ending = List.copyOf(loops);
            loops.clear();
        }
        for (AcceptLoop loop : ending) {
            loop.end();
        }
        ending.forEach(loop -> loop.await(deadline));
        connections.keySet().forEach(Connection::drain);
        while (!connections.isEmpty() && System.nanoTime() < deadline && !Thread.currentThread().isInterrupted()) {
            pause();
            connections.keySet().forEach(connection -> connection.endIfNotRead(STUCK_STEPS));
        }
        connections.forEach((connection, thread) -> {
            connection.end();
            join(thread, deadline);
        });
        clock.shutdownNow();
    }

    private static void pause() {
        try {
            Thread.sleep(DRAIN_STEP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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

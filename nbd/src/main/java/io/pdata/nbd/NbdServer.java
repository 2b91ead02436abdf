package io.pdata.nbd;

import io.pdata.core.device.EngineThread;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
    /** How many clients may wait to be accepted; the system has a limit of its own. */
    private static final int BACKLOG = 1024;
    private static final long DRAIN_STEP_MILLIS = 20;
    private static final int STUCK_STEPS = 50;
    /** For requests that wait for room, beside what each connection has for its own. */
    private static final long PARKING_BYTES = 64 << 20;

    private final Consumer<String> log;
    private final Connection.Settings settings;
    private final Map<Listener, Thread> listeners = new LinkedHashMap<>();
    private final List<Path> sockets = new ArrayList<>();
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
        this.log = log;
        this.settings = new Connection.Settings(exports, limits, tls, () -> draining, log, clock,
                new ParkedRequests.Budget(PARKING_BYTES), new Admissions());
        clock.setRemoveOnCancelPolicy(true);
    }

    /**
     * Begins to listen on a Unix socket that only this user can connect to. A socket that a server left behind which is no
     * more is replaced.
     *
     * @throws IOException if that is not possible; the message begins with the path
     */
    public synchronized UnixDomainSocketAddress listen(Path path) throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        requireNobody(path, address);
        ServerSocketChannel socket = PrivateSocket.listen(path, BACKLOG);
        sockets.add(path);
        listen(socket, true);
        return address;
    }

    private static void requireNobody(Path path, UnixDomainSocketAddress address) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
            throw new IOException(path + ": is there already, and is no socket");
        }
        try (SocketChannel _ = SocketChannel.open(address)) {
            throw new IOException(path + ": another server is listening there");
        } catch (ConnectException e) {
            return; // nobody is listening: its server is no more
        }
    }

    /** Begins to listen on a TCP port; returns where, if the port was 0. */
    public synchronized InetSocketAddress listen(InetSocketAddress address) throws IOException {
        ServerSocketChannel socket = ServerSocketChannel.open();
        try {
            socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            socket.bind(address);
        } catch (IOException e) {
            socket.close();
            throw new IOException(address.getHostString() + ":" + address.getPort() + ": " + e.getMessage(), e);
        }
        listen(socket, true);
        return (InetSocketAddress) socket.getLocalAddress();
    }

    /**
     * Takes clients from a socket that somebody else listens on; it is not closed with the server.
     *
     * @return where it listens
     */
    public synchronized SocketAddress listen(ServerSocketChannel inherited) throws IOException {
        listen(inherited, false);
        return inherited.getLocalAddress();
    }

    private void listen(ServerSocketChannel socket, boolean ours) throws IOException {
        Listener listener = new Listener(socket, ours, this::accept, log);
        Thread thread = THREADS.newThread(listener::run);
        listeners.put(listener, thread);
        thread.start();
    }

    private void accept(SocketChannel client) {
        Connection connection = new Connection(client, settings);
        Thread thread = THREADS.newThread(() -> run(connection));
        if (admit(connection, thread)) {
            thread.start();
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
        if (draining || connections.size() >= settings.limits().connections()) {
            log.accept("a client was turned away: there are " + connections.size());
            connection.end();
            return false;
        }
        connections.put(connection, thread);
        return true;
    }

    private void run(Connection connection) {
        try {
            connection.run();
        } finally {
            connections.remove(connection);
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
        Map<Listener, Thread> ending;
        synchronized (this) {
            ending = Map.copyOf(listeners);
            listeners.clear();
            for (Path socket : sockets) {
                Files.deleteIfExists(socket);
            }
            sockets.clear();
        }
        ending.keySet().forEach(Listener::close);
        ending.values().forEach(thread -> join(thread, deadline));
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

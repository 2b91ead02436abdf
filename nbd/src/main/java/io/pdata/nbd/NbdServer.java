package io.pdata.nbd;

import io.pdata.core.device.EngineThread;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Serves exports to any number of clients, on any number of sockets.
 *
 * <p>A connection has a thread, which does all of its work: handing requests over to others costs several times what most
 * of them take. Thread-safe.
 */
public final class NbdServer implements AutoCloseable {
    private static final ThreadFactory THREADS = EngineThread.factory("nbd");
    private static final long DRAIN_SECONDS = 10;

    private final Exports exports;
    private final Limits limits;
    private final Consumer<String> log;
    private final List<ServerSocketChannel> listeners = new ArrayList<>();
    private final List<Path> sockets = new ArrayList<>();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService clock = Executors
            .newSingleThreadScheduledExecutor(EngineThread.factory("nbd-clock"));
    private volatile boolean draining;

    /** @param log gets a line for everything that goes wrong with a client */
    public NbdServer(Exports exports, Limits limits, Consumer<String> log) {
        this.exports = exports;
        this.limits = limits;
        this.log = log;
    }

    /**
     * Begins to listen on a Unix socket that only this user can connect to. A socket that a server left behind which is no
     * more is replaced.
     */
    public synchronized UnixDomainSocketAddress listen(Path path) throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        removeStale(path, address);
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(address);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        sockets.add(path);
        accept(listener);
        return address;
    }

    private static void removeStale(Path path, UnixDomainSocketAddress address) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (SocketChannel _ = SocketChannel.open(address)) {
            throw new IOException(path + ": another server is listening there");
        } catch (ConnectException e) {
            Files.delete(path); // nobody is listening: its server is no more
        }
    }

    /** Begins to listen on a TCP port; returns where, if the port was 0. */
    public synchronized InetSocketAddress listen(InetSocketAddress address) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listener.bind(address);
        } catch (IOException e) {
            listener.close();
            throw new IOException(address + ": " + e.getMessage(), e);
        }
        accept(listener);
        return (InetSocketAddress) listener.getLocalAddress();
    }

    private void accept(ServerSocketChannel listener) {
        listeners.add(listener);
        THREADS.newThread(() -> {
            while (true) {
                try {
                    SocketChannel client = listener.accept();
                    if (draining || connections.size() >= limits.connections()) {
                        log.accept("a client was turned away: there are " + connections.size());
                        client.close();
                    } else {
                        Connection connection = new Connection(client);
                        connections.add(connection);
                        connection.thread.start();
                    }
                } catch (ClosedChannelException e) {
                    return; // the server is closing
                } catch (IOException e) {
                    log.accept("accepting a client failed: " + e.getMessage());
                }
            }
        }).start();
    }

    /** How many clients are connected. */
    public int connections() {
        return connections.size();
    }

    /** Ends all connections that use one of these exports; returns when they have closed it. */
    public void disconnect(Set<? extends Export> exports) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
        for (Connection connection : connections) {
            Export export = connection.export;
            if (export != null && exports.contains(export)) {
                connection.end();
                join(connection.thread, deadline);
            }
        }
    }

    private final class Connection {
        final SocketChannel channel;
        /** What the client uses, once that has been agreed on. */
        volatile Export export;
        final Thread thread = THREADS.newThread(this::run);

        Connection(SocketChannel channel) {
            this.channel = channel;
        }

        void run() {
            try (Wire wire = new Wire(channel)) {
                if (channel.getLocalAddress() instanceof InetSocketAddress) {
                    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                }
                serve(wire);
            } catch (IOException e) {
                if (!draining) {
                    log.accept(client() + ": " + e.getMessage());
                }
            } finally {
                connections.remove(this);
            }
        }

        private void serve(Wire wire) throws IOException {
            ScheduledFuture<?> deadline = clock.schedule(this::end, limits.handshake().toMillis(),
                    TimeUnit.MILLISECONDS);
            Negotiation.Agreement agreement;
            try {
                agreement = new Negotiation(wire, exports, limits).run().orElse(null);
            } finally {
                deadline.cancel(false);
            }
            if (agreement != null) {
                try (Export agreed = agreement.export()) {
                    export = agreed;
                    new Transmission(wire, agreement, limits, () -> draining).run();
                }
            }
        }

        private String client() {
            try {
                return "client " + channel.getRemoteAddress();
            } catch (IOException e) {
                return "a client that has gone";
            }
        }

        /** Ends the thread after what it has received already. */
        void hearNoMore() throws IOException {
            try {
                channel.shutdownInput();
            } catch (ClosedChannelException e) {
                return; // it has ended by itself
            }
        }

        void end() {
            try {
                channel.close();
            } catch (IOException e) {
                log.accept("closing a connection failed: " + e.getMessage());
            }
        }
    }

    /** Lets no new client in, finishes the requests that are under way, and closes all connections. */
    @Override
    public void close() throws IOException {
        draining = true;
        synchronized (this) {
            for (ServerSocketChannel listener : listeners) {
                listener.close();
            }
            for (Path socket : sockets) {
                Files.deleteIfExists(socket);
            }
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
        for (Connection connection : connections) {
            connection.hearNoMore();
        }
        for (Connection connection : connections) {
            join(connection.thread, deadline);
            connection.end();
        }
        clock.shutdownNow();
    }

    private static void join(Thread thread, long deadline) {
        try {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

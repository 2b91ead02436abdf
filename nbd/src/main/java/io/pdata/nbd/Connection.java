package io.pdata.nbd;

import io.pdata.core.device.PersistentDataException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A client and the thread that serves it, from the first byte to the last. */
final class Connection {
    private final ByteChannel channel;
    private final Wire wire;
    private final Settings settings;
    private final String client;
    private volatile Export export;
    private int waitsBefore;

    /**
     * What all connections of a server share.
     *
     * @param draining whether the server is about to end
     * @param log gets a line for everything that goes wrong with a client
     * @param clock ends connections that take too long
     */
    record Settings(Exports exports, Limits limits, Tls tls, BooleanSupplier draining, Consumer<String> log,
            ScheduledExecutorService clock) {}

    Connection(ByteChannel channel, Settings settings) {
        this.channel = channel;
        this.wire = new Wire(channel);
        this.settings = settings;
        this.client = nameOf(channel);
    }

    /** Serves the client until it has gone; the channel is closed then. */
    void run() {
        try (wire) {
            if (channel instanceof SocketChannel socket && socket.getLocalAddress() instanceof InetSocketAddress) {
                socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
                socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            }
            serveOrRefuse();
        } catch (IOException | PersistentDataException e) {
            if (!settings.draining().getAsBoolean()) {
                settings.log().accept(client + ": " + reason(e));
            }
        } catch (RuntimeException e) {
            settings.log().accept(client + ": a mistake of this server's: " + e);
            throw e;
        }
    }

    /** What has been answered before the client's mistake is sent, so that the client knows. */
    private void serveOrRefuse() throws IOException {
        try {
            serve();
        } catch (ProtocolException e) {
            wire.flush();
            throw e;
        }
    }

    private void serve() throws IOException {
        ScheduledFuture<?> deadline = settings.clock().schedule(this::end, settings.limits().handshake().toMillis(),
                TimeUnit.MILLISECONDS);
        Negotiation.Agreement agreement;
        try {
            agreement = new Negotiation(wire, settings.exports(), settings.limits(), settings.tls(),
                    settings.draining()).run().orElse(null);
        } finally {
            deadline.cancel(false);
        }
        if (agreement != null) {
            try (Export agreed = agreement.export()) {
                export = agreed;
                new Transmission(wire, agreement, settings.limits(), settings.draining()).run();
            }
        }
    }

    private static String reason(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static String nameOf(ByteChannel channel) {
        try {
            if (channel instanceof SocketChannel socket) {
                SocketAddress there = socket.getRemoteAddress();
                return there instanceof InetSocketAddress ? "client " + there : "a client on a Unix socket";
            }
            return "a client";
        } catch (IOException e) {
            return "a client that has gone";
        }
    }

    /** What the client uses; null before that has been agreed on. */
    Export export() {
        return export;
    }

    /** Remembers where the client is, for {@link #endIfIdle}. */
    void noteWaits() {
        waitsBefore = wire.waits();
    }

    /** Ends the connection if the client has asked for nothing since {@link #noteWaits}. */
    void endIfIdle() {
        int waits = wire.waits();
        if (waits == waitsBefore && (waits & 1) != 0) {
            hearNoMore();
        }
        waitsBefore = waits;
    }

    private void hearNoMore() {
        if (channel instanceof SocketChannel socket) {
            try {
                socket.shutdownInput();
            } catch (ClosedChannelException e) {
                return; // it has ended by itself
            } catch (IOException e) {
                end();
            }
        } else {
            end();
        }
    }

    /** Ends the connection, whatever it is doing. */
    void end() {
        try {
            channel.close();
        } catch (IOException e) {
            settings.log().accept("closing a connection failed: " + e.getMessage());
        }
    }
}

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
    private final ClientChannel client;
    private final Wire wire;
    private final Settings settings;
    private final String name;
    /** How many connections had been admitted to their exports when this one was made. */
    private final int arrival;
    private volatile Export export;
    private int sendsBefore;
    private int stuck;

    /**
     * What all connections of a server share.
     *
     * @param draining whether the server is about to end
     * @param log gets a line for everything that goes wrong with a client
     * @param clock ends connections that take too long
     * @param parking memory for requests that wait
     * @param admissions brings connections of one export into an order
     */
    record Settings(Exports exports, Limits limits, Tls tls, BooleanSupplier draining, Consumer<String> log,
            ScheduledExecutorService clock, ParkedRequests.Budget parking, Admissions admissions) {}

    Connection(ByteChannel channel, Settings settings) {
        this.channel = channel;
        this.client = new ClientChannel(channel);
        this.wire = new Wire(client);
        this.settings = settings;
        this.name = nameOf(channel);
        this.arrival = settings.admissions().count();
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
                settings.log().accept(name + ": " + reason(e));
            }
        } catch (RuntimeException e) {
            settings.log().accept(name + ": a mistake of this server's: " + e);
            throw e;
        } finally {
            release();
        }
    }

    private void release() {
        try {
            client.release();
        } catch (IOException e) {
            settings.log().accept(name + ": " + reason(e));
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
                transmit(agreement);
            }
        }
    }

    private void transmit(Negotiation.Agreement agreement) throws IOException {
        Fence fence = settings.admissions().admit(agreement.export().device(), client, arrival);
        try {
            new Transmission(wire, client, agreement, fence, settings.limits(), settings.parking()).run();
        } finally {
            settings.admissions().leave(fence);
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

    /** Answers the received requests, and then ends the connection. */
    void drain() {
        try {
            client.drain();
        } catch (ClosedChannelException e) {
            return; // it has ended by itself
        } catch (IOException e) {
            end();
        }
    }

    /** Ends the connection if its client has not read a reply during the last calls of this. */
    void endIfNotRead(int calls) {
        int sends = client.sends();
        stuck = sends == sendsBefore && (sends & 1) != 0 ? stuck + 1 : 0;
        sendsBefore = sends;
        if (stuck >= calls) {
            end();
        }
    }

    /** Ends the connection, whatever it is doing. */
    void end() {
        try {
            client.close();
        } catch (IOException e) {
            settings.log().accept("closing a connection failed: " + e.getMessage());
        }
    }
}

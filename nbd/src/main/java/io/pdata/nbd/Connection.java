package io.pdata.nbd;

import io.pdata.core.device.ErrorText;
import io.pdata.core.device.PersistentDataException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A client and the thread that serves it, from the first byte to the last. */
final class Connection {
    /** The system property that has internal errors printed with where they happened, for developers. */
    private static final String TRACE = "pdata.trace";

    private final ByteChannel channel;
    private final ClientChannel client;
    private final Settings settings;
    private final InetSocketAddress peer;
    private final Places.Kind kind;
    /** How many connections had been admitted to their exports when this one was made. */
    private final int arrival;
    private volatile Export export;
    private volatile String endedBecause;
    /** Null if the client may take as long as it wants. */
    private volatile Patience patience;
    private int sendsBefore;
    private int stuck;

    /**
     * What all connections of a server share.
     *
     * @param draining whether the server is about to end
     * @param log gets a line for everything that goes wrong with a client
     * @param places decides which clients have a place
     * @param parking memory for requests that wait
     * @param admissions brings connections of one export into an order
     */
    record Settings(Exports exports, Limits limits, Tls tls, BooleanSupplier draining, Consumer<String> log,
            Places places, ParkedRequests.Budget parking, Admissions admissions) {}

    Connection(ByteChannel channel, Settings settings) {
        this.channel = channel;
        this.client = new ClientChannel(channel);
        this.settings = settings;
        this.arrival = settings.admissions().count();
        this.peer = peerOf(channel);
        this.kind = !(channel instanceof SocketChannel)
                ? Places.Kind.OTHER
                : peer == null ? Places.Kind.UNIX : Places.Kind.TCP;
    }

    private static InetSocketAddress peerOf(ByteChannel channel) {
        try {
            return channel instanceof SocketChannel socket
                    && socket.getRemoteAddress() instanceof InetSocketAddress there
                            ? there
                            : null;
        } catch (IOException e) {
            return null; // it has gone
        }
    }

    Places.Kind kind() {
        return kind;
    }

    /** The address of a client over TCP; null for others. */
    InetSocketAddress peer() {
        return peer;
    }

    /** The name of the client in logs. */
    String name() {
        return switch (kind) {
        case TCP -> "client " + peer.getAddress().getHostAddress() + ":" + peer.getPort();
        case UNIX -> "a client on a Unix socket";
        case OTHER -> "a client";
        };
    }

    /**
     * Serves the client until it has gone; then closes the channel. An error ends this connection only, also a lack of
     * memory.
     */
    void run() {
        try (client) {
            if (kind == Places.Kind.TCP) {
                ((SocketChannel) channel).setOption(StandardSocketOptions.TCP_NODELAY, true);
                ((SocketChannel) channel).setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            }
            serveOrRefuse();
        } catch (IOException | PersistentDataException e) {
            if (!settings.draining().getAsBoolean()) {
                report(endedBecause == null ? ErrorText.of(e) : endedBecause);
            }
        } catch (OutOfMemoryError e) {
            report("disconnected: " + ErrorText.of(e));
        } catch (RuntimeException | Error e) {
            report("disconnected after an internal error: " + ErrorText.of(e));
            if (Boolean.getBoolean(TRACE)) {
                e.printStackTrace();
            }
        } finally {
            release();
        }
    }

    private void report(String what) {
        try {
            settings.log().accept(name() + ": " + what);
        } catch (OutOfMemoryError | LinkageError e) {
            return; // there is no memory or file descriptor for a message either
        }
    }

    private void release() {
        try {
            client.release();
        } catch (IOException e) {
            report(ErrorText.of(e));
        }
    }

    /** The answers from before the client's mistake are sent, so that the client knows. */
    private void serveOrRefuse() throws IOException {
        try (Wire wire = new Wire(client)) {
            try {
                serve(wire);
            } catch (ProtocolException e) {
                wire.flush();
                throw e;
            }
        }
    }

    private void serve(Wire wire) throws IOException {
        Patience limited = new Patience(settings.limits().handshake());
        wire.waitWith(limited);
        patience = limited;
        Negotiation.Agreement agreement = new Negotiation(wire, settings.exports(), settings.limits(), settings.tls(),
                settings.draining(), () -> settings.places().serve(this), settings.log()).run().orElse(null);
        patience = null;
        wire.waitWith(new Patience(Patience.ENDLESS));
        if (agreement != null) {
            try (Export agreed = agreement.export()) {
                export = agreed;
                transmit(wire, agreement);
            }
        }
    }

    private void transmit(Wire wire, Negotiation.Agreement agreement) throws IOException {
        Fence fence = settings.admissions().admit(agreement.export().device(), client, arrival);
        try {
            new Transmission(wire, client, agreement, fence, settings.limits(), settings.parking()).run();
        } finally {
            settings.admissions().leave(fence);
        }
    }

    /** Ends the connection if the client takes too long to negotiate. */
    void endIfOverdue() {
        Patience limited = patience;
        if (limited != null && limited.isOver()) {
            end("disconnected: the handshake took longer than " + settings.limits().handshake().toMillis() + " ms");
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

    /** Ends the connection for a reason that is logged. */
    void end(String reason) {
        endedBecause = reason;
        end();
    }

    /** Ends the connection, whatever it is doing. */
    void end() {
        try {
            client.close();
        } catch (IOException e) {
            settings.log().accept("closing a connection failed: " + ErrorText.of(e));
        }
    }
}

package io.pdata.nbd;

import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Decides which clients have a place in a server. Clients of Unix sockets and of TCP have places of their own, so neither
 * can lock the other out.
 *
 * <p>A client that negotiates takes no place of those that use an export. If too many negotiate, the one that has done so
 * for the longest time is disconnected: a flood of clients that only connect displaces itself. The last places of TCP are
 * kept from an address of another machine that has all the others. Thread-safe.
 */
final class Places {
    /** One eighth of the places is kept from an address of another machine that has the others. */
    private static final int KEPT = 8;

    /** How a client has connected. */
    enum Kind {
        UNIX, TCP,
        /** In a way that only the program that runs the server knows. */
        OTHER
    }

    private static final class Group {
        final Set<Connection> negotiating = new LinkedHashSet<>();
        final Set<Connection> serving = new HashSet<>();
    }

    private final Limits limits;
    private final Consumer<String> log;
    private final Map<Kind, Group> groups = new EnumMap<>(Kind.class);

    Places(Limits limits, Consumer<String> log) {
        this.limits = limits;
        this.log = log;
        for (Kind kind : Kind.values()) {
            groups.put(kind, new Group());
        }
    }

    /** A client begins to negotiate. */
    synchronized void enter(Connection connection) {
        Set<Connection> negotiating = groups.get(connection.kind()).negotiating;
        while (negotiating.size() >= limits.negotiating()) {
            Connection eldest = negotiating.iterator().next();
            negotiating.remove(eldest);
            eldest.end("disconnected during the handshake to make room: " + limits.negotiating()
                    + " others have connected since");
        }
        negotiating.add(connection);
    }

    /** A client wants to use an export; returns why it cannot, if so. */
    synchronized Optional<String> serve(Connection connection) {
        Group group = groups.get(connection.kind());
        if (group.serving.size() >= limits.connections()) {
            return refused(connection, "all places for clients are taken: the limit is " + limits.connections());
        }
        if (isRemote(connection.peer()) && placesOf(group, connection.peer()) >= limits.connections()
                - limits.connections() / KEPT) {
            return refused(connection, "one address may have " + (limits.connections() - limits.connections() / KEPT)
                    + " of the " + limits.connections() + " places for clients");
        }
        group.negotiating.remove(connection);
        group.serving.add(connection);
        return Optional.empty();
    }

    private Optional<String> refused(Connection connection, String reason) {
        log.accept(connection.name() + ": refused: " + reason);
        return Optional.of(reason);
    }

    private static boolean isRemote(InetSocketAddress peer) {
        return peer != null && !peer.getAddress().isLoopbackAddress();
    }

    private static long placesOf(Group group, InetSocketAddress peer) {
        return group.serving.stream().map(Connection::peer)
                .filter(other -> other != null && other.getAddress().equals(peer.getAddress())).count();
    }

    /** A client has gone. */
    synchronized void leave(Connection connection) {
        Group group = groups.get(connection.kind());
        group.negotiating.remove(connection);
        group.serving.remove(connection);
    }
}

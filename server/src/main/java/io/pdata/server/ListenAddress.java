package io.pdata.server;

import io.pdata.nbd.Endpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where a server listens. */
public sealed interface ListenAddress {
    /** The port that is registered for NBD. */
    int NBD_PORT = 10809;

    /** A Unix socket. */
    record Unix(Path path) implements ListenAddress {
        @Override
        public Endpoint bind() throws IOException {
            return Endpoint.unix(path);
        }

        @Override
        public String uri(String export) {
            return "nbd+unix:///" + escaped(export) + "?socket=" + escapedPath(path.toAbsolutePath().normalize());
        }

        @Override
        public String tlsUri(String export, String certificates) {
            return uri(export).replaceFirst("nbd", "nbds") + "&tls-certificates=" + certificates;
        }

        @Override
        public String toString() {
            return "unix:" + path;
        }
    }

    /** A TCP port. */
    record Tcp(InetSocketAddress address) implements ListenAddress {
        @Override
        public Endpoint bind() throws IOException {
            return Endpoint.tcp(address);
        }

        @Override
        public String uri(String export) {
            return "nbd://" + this + "/" + escaped(export);
        }

        @Override
        public String tlsUri(String export, String certificates) {
            return uri(export).replaceFirst("nbd", "nbds") + "?tls-certificates=" + certificates;
        }

        @Override
        public boolean isPublic() {
            return !address.getAddress().isLoopbackAddress();
        }

        @Override
        public String toString() {
            String host = address.getAddress().getHostAddress();
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
        }
    }

    /**
     * Binds the address, so that clients can connect to it.
     *
     * @throws IOException if that is not possible; the message names the address
     */
    Endpoint bind() throws IOException;

    /**
     * Binds all of some addresses, or none.
     *
     * @throws IOException if one of them cannot be bound; the message names it
     */
    static List<Endpoint> bindAll(List<ListenAddress> addresses) throws IOException {
        List<Endpoint> bound = new ArrayList<>();
        try {
            for (ListenAddress address : addresses) {
                bound.add(address.bind());
            }
            return bound;
        } catch (IOException e) {
            closeAll(bound, e);
            throw e;
        }
    }

    /** Closes endpoints after a failure. */
    static void closeAll(List<Endpoint> endpoints, Throwable failure) {
        for (Endpoint endpoint : endpoints) {
            try {
                endpoint.close();
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
    }

    /** The address of a socket that is bound. */
    static ListenAddress of(SocketAddress address) {
        return switch (address) {
        case UnixDomainSocketAddress unix -> new Unix(unix.getPath());
        case InetSocketAddress tcp -> new Tcp(tcp);
        default -> throw new IllegalArgumentException("neither a Unix socket nor a TCP socket: " + address);
        };
    }

    /** What to call an export, and where it is, for clients that take a URI. */
    String uri(String export);

    /** As {@link #uri}, over TLS, with the folder where the client's certificates are. */
    String tlsUri(String export, String certificates);

    /** Whether others than programs on this machine can connect. */
    default boolean isPublic() {
        return false;
    }

    /** @throws IllegalArgumentException if the text is neither {@code unix:PATH} nor {@code HOST:PORT} */
    static ListenAddress parse(String text) {
        if (text.startsWith("unix:") && text.length() > "unix:".length()) {
            return new Unix(Path.of(text.substring("unix:".length())));
        }
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
        if (host.isEmpty() || !text.substring(colon + 1).matches("\\d{1,5}")) {
            throw new IllegalArgumentException("'" + text + "' is neither unix:PATH nor HOST:PORT");
        }
        int port = Integer.parseInt(text.substring(colon + 1));
        if (port > 65_535) {
            throw new IllegalArgumentException("'" + text + "': ports go up to 65535");
        }
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("'" + text + "': there is no host '" + host + "'");
        }
        return new Tcp(address);
    }

    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("%40", "@").replace("%3A",
                ":");
    }

    private static String escapedPath(Path path) {
        return escaped(path.toString()).replace("%2F", "/");
    }
}

package io.pdata.nbd;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A socket that is bound: clients can connect to it from now on, and wait until a server accepts them. So a program can make
 * sure of its addresses before it makes anything else. Closing it removes what binding has made.
 */
public final class Endpoint implements AutoCloseable {
    /** How many clients may wait to be accepted; the operating system may have a lower limit. */
    private static final int BACKLOG = 4096;

    private final ServerSocketChannel socket;
    private final SocketAddress address;
    /** The file of a Unix socket that this has made; null if there is none. */
    private final Path file;
    private final boolean ours;

    private Endpoint(ServerSocketChannel socket, Path file, boolean ours) throws IOException {
        this.socket = socket;
        this.address = socket.getLocalAddress();
        this.file = file;
        this.ours = ours;
    }

    /**
     * Binds a Unix socket that only this user can connect to. A socket that an earlier server has left there is replaced.
     *
     * @throws IOException if that is not possible; the message begins with the path
     */
    public static Endpoint unix(Path path) throws IOException {
        requireUnused(path);
        return new Endpoint(PrivateSocket.listen(path, BACKLOG), path, true);
    }

    private static void requireUnused(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
            throw new IOException(path + ": already exists and is not a socket");
        }
        try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            throw new IOException(path + ": another server is listening there");
        } catch (ConnectException e) {
            return; // its server has ended
        }
    }

    /** Binds a TCP port; any that is free if the port is 0. */
    public static Endpoint tcp(InetSocketAddress address) throws IOException {
        ServerSocketChannel socket = ServerSocketChannel.open();
        try {
            socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            socket.bind(address, BACKLOG);
            return new Endpoint(socket, null, true);
        } catch (IOException e) {
            socket.close();
            throw new IOException(address.getHostString() + ":" + address.getPort() + ": " + e.getMessage(), e);
        }
    }

    /** A socket that another process has bound and handed over; it is not closed with this. */
    public static Endpoint inherited(ServerSocketChannel socket) throws IOException {
        return new Endpoint(socket, null, false);
    }

    /** Where clients connect. */
    public SocketAddress address() {
        return file == null ? address : UnixDomainSocketAddress.of(file);
    }

    ServerSocketChannel socket() {
        return socket;
    }

    /** Removes the file of a Unix socket, so that no client finds it; those that have connected are not affected. */
    void hide() throws IOException {
        if (file != null) {
            Files.deleteIfExists(file);
        }
    }

    /** Closes the socket, unless it was inherited: closing that would, in Java, also close standard input and output. */
    @Override
    public void close() throws IOException {
        if (ours) {
            try (socket) {
                hide();
            }
        }
    }
}

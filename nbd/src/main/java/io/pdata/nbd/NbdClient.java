package io.pdata.nbd;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes to an export of an NBD server: one request at a time, with simple replies and without TLS. Used by one thread.
 *
 * <p>Errors: {@link IOException}, with what the server has answered. Memory: 64 KiB and what is written. Source: doc/proto.md and
 * doc/uri.md of the NetworkBlockDevice project.
 */
public final class NbdClient implements AutoCloseable {
    /** The most bytes in a request that every server takes, if it does not say otherwise. */
    private static final int MOST_PAYLOAD = 32 << 20;
    private static final long MOST_ZEROES = 1L << 30;
    private static final int LONGEST_REPLY = 64 << 10;
    private static final Pattern URI_SCHEME = Pattern.compile("nbds?(\\+[a-z]+)?:");
    private static final Pattern QEMU = Pattern.compile("nbd:unix:([^:]+)(?::exportname=(.*))?");

    private final SocketChannel channel;
    private final DataInputStream in;
    private long size = -1;
    private int flags;
    private long cookie;

    /** Where an export is. */
    private record Address(SocketAddress socket, String export) {}

    private NbdClient(SocketChannel channel) {
        this.channel = channel;
        this.in = new DataInputStream(Channels.newInputStream(channel));
    }

    /**
     * Connects to an export.
     *
     * @param uri {@code nbd://HOST[:PORT]/EXPORT}, {@code nbd+unix:///EXPORT?socket=PATH}, or as QEMU has it
     *        {@code nbd:unix:PATH:exportname=EXPORT}
     */
    public static NbdClient connect(String uri) throws IOException {
        Address address = parse(uri);
        SocketChannel channel = address.socket() instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open();
        try {
            channel.connect(address.socket());
            NbdClient client = new NbdClient(channel);
            client.negotiate(address.export());
            return client;
        } catch (IOException | RuntimeException e) {
            try (channel) {
                throw new IOException(uri + ": " + (e.getMessage() == null ? e.toString() : e.getMessage()), e);
            }
        }
    }

    /** Whether this is meant for {@link #connect}, which may still refuse it. A file of such a name begins with its folder. */
    public static boolean isUri(String text) {
        return URI_SCHEME.matcher(text).lookingAt();
    }

    private static Address parse(String text) throws IOException {
        Matcher qemu = QEMU.matcher(text);
        if (qemu.matches()) {
            return new Address(UnixDomainSocketAddress.of(qemu.group(1)), qemu.group(2) == null ? "" : qemu.group(2));
        }
        if (text.startsWith("nbds")) {
            throw new IOException(text + ": TLS is not spoken here, only nbd:// and nbd+unix://");
        }
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new IOException(text + " is no address of an NBD export", e);
        }
        String export = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/", "");
        if ("nbd".equals(uri.getScheme()) && uri.getHost() != null) {
            int port = uri.getPort() < 0 ? Protocol.DEFAULT_PORT : uri.getPort();
            return new Address(new InetSocketAddress(uri.getHost(), port), export);
        }
        if ("nbd+unix".equals(uri.getScheme()) && uri.getQuery() != null && uri.getQuery().startsWith("socket=")) {
            return new Address(UnixDomainSocketAddress.of(uri.getQuery().substring("socket=".length())), export);
        }
        throw new IOException(
                text + " is no address of an NBD export: nbd://HOST/EXPORT or nbd+unix:///EXPORT?socket=PATH");
    }

    // ---- negotiation ----

    private void negotiate(String export) throws IOException {
        if (in.readLong() != Protocol.INIT_MAGIC || in.readLong() != Protocol.OPTION_MAGIC) {
            throw new IOException("this is no NBD server, or an old one");
        }
        int offered = in.readUnsignedShort();
        if ((offered & Protocol.FLAG_FIXED_NEWSTYLE) == 0) {
            throw new IOException("the server does not speak fixed newstyle");
        }
        byte[] name = export.getBytes(StandardCharsets.UTF_8);
        int length = Integer.BYTES + name.length + Short.BYTES;
        send(ByteBuffer.allocate(Integer.BYTES + Long.BYTES + 2 * Integer.BYTES + length)
                .putInt(offered & (Protocol.FLAG_FIXED_NEWSTYLE | Protocol.FLAG_NO_ZEROES))
                .putLong(Protocol.OPTION_MAGIC).putInt(Protocol.OPT_GO).putInt(length).putInt(name.length).put(name)
                .putShort((short) 0));
        while (reply()) {
            // one more piece of information
        }
        if (size < 0) {
            throw new IOException("the server does not say how large the export is");
        }
    }

    /** Reads a reply to the option; returns whether there is another. */
    private boolean reply() throws IOException {
        if (in.readLong() != Protocol.OPTION_REPLY_MAGIC || in.readInt() != Protocol.OPT_GO) {
            throw new IOException("the server does not answer as the protocol has it");
        }
        int type = in.readInt();
        int length = in.readInt();
        if (length < 0 || length > LONGEST_REPLY) {
            throw new IOException("the server answers with " + Integer.toUnsignedString(length) + " bytes");
        }
        byte[] payload = new byte[length];
        in.readFully(payload);
        switch (type) {
        case Protocol.REP_ACK -> {
            return false;
        }
        case Protocol.REP_INFO -> information(ByteBuffer.wrap(payload));
        default -> throw new IOException("the server refuses"
                + (type == Protocol.REP_ERR_UNKNOWN ? ": there is no such export" : "")
                + (type == Protocol.REP_ERR_TLS_REQD ? ": it wants TLS, which is not spoken here" : "")
                + (length > 0
                        ? ": " + new String(payload, StandardCharsets.UTF_8)
                        : " (" + Integer.toHexString(type) + ")"));
        }
        return true;
    }

    private void information(ByteBuffer payload) throws IOException {
        if (payload.remaining() >= Short.BYTES && payload.getShort() == Protocol.INFO_EXPORT) {
            if (payload.remaining() != Long.BYTES + Short.BYTES) {
                throw new IOException("the server does not answer as the protocol has it");
            }
            size = payload.getLong();
            flags = Short.toUnsignedInt(payload.getShort());
        }
    }

    // ---- requests ----

    /** How large the export is, in bytes. */
    public long size() {
        return size;
    }

    public boolean readOnly() {
        return (flags & Protocol.READ_ONLY) != 0;
    }

    public void write(long position, byte[] bytes, int offset, int length) throws IOException {
        if (length > MOST_PAYLOAD) {
            throw new IllegalArgumentException(length + " bytes in one request");
        }
        request(Protocol.CMD_WRITE, position, length, ByteBuffer.wrap(bytes, offset, length));
    }

    /** Makes a range read as zeroes; without storage for them if the server can do that. */
    public void zero(long position, long length) throws IOException {
        boolean asked = (flags & Protocol.SEND_WRITE_ZEROES) != 0;
        byte[] zeroes = asked ? null : new byte[LONGEST_REPLY];
        for (long done = 0; done < length;) {
            int n = (int) Math.min(length - done, asked ? MOST_ZEROES : zeroes.length);
            if (asked) {
                request(Protocol.CMD_WRITE_ZEROES, position + done, n, ByteBuffer.allocate(0));
            } else {
                write(position + done, zeroes, 0, n);
            }
            done += n;
        }
    }

    /** Returns when all that has been written is durable, if the server can promise that. */
    public void flush() throws IOException {
        if ((flags & Protocol.SEND_FLUSH) != 0) {
            request(Protocol.CMD_FLUSH, 0, 0, ByteBuffer.allocate(0));
        }
    }

    private void request(int command, long position, int length, ByteBuffer payload) throws IOException {
        cookie++;
        send(header(command, position, length));
        sendAll(payload);
        if (in.readInt() != Protocol.SIMPLE_REPLY_MAGIC) {
            throw new IOException("the server does not answer as the protocol has it");
        }
        int error = in.readInt();
        if (in.readLong() != cookie) {
            throw new IOException("the server answers another request");
        }
        if (error != 0) {
            throw new IOException(length + " bytes at " + position + ": the server answers with error " + error
                    + (error == Protocol.ENOSPC ? " (no space left)" : ""));
        }
    }

    private ByteBuffer header(int command, long position, int length) {
        return ByteBuffer.allocate(Protocol.REQUEST_SIZE).putInt(Protocol.REQUEST_MAGIC).putShort((short) 0)
                .putShort((short) command).putLong(cookie).putLong(position).putInt(length);
    }

    private void send(ByteBuffer filled) throws IOException {
        sendAll(filled.flip());
    }

    private void sendAll(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) < 0) {
                throw new EOFException("the server has ended the connection");
            }
        }
    }

    /** Says goodbye; does not flush. */
    @Override
    public void close() throws IOException {
        try (channel) {
            if (channel.isOpen() && size >= 0) {
                send(header(Protocol.CMD_DISC, 0, 0));
            }
        }
    }
}

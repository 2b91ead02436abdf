package io.pdata.nbd;

import io.pdata.core.device.ErrorText;
import io.pdata.core.device.PrintableText;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLException;

/**
 * Writes to an export of an NBD server: one request at a time, with simple replies, and with TLS if that is asked for. Used
 * by one thread.
 *
 * <p>Errors: {@link IOException}, with what the server has answered. Memory: 128 KiB and what is written. Source:
 * doc/proto.md and doc/uri.md of the NetworkBlockDevice project.
 */
public final class NbdClient implements AutoCloseable {
    /** How many characters of an error message of the server are shown. */
    private static final int LONGEST_MESSAGE = 1000;
    /** The most bytes in a request that every server takes, if it does not say otherwise. */
    private static final int MOST_PAYLOAD = 32 << 20;
    private static final long MOST_ZEROES = 1L << 30;
    private static final int LONGEST_REPLY = 64 << 10;
    /** More pieces of information than there are kinds of. */
    private static final int MOST_REPLIES = 64;

    private ByteChannel channel;
    private DataInputStream in;
    private long size = -1;
    private int flags;
    private long cookie;

    private NbdClient(ByteChannel channel) {
        use(channel);
    }

    private void use(ByteChannel next) {
        channel = next;
        in = new DataInputStream(Channels.newInputStream(next));
    }

    /**
     * Connects to an export.
     *
     * @param uri {@code nbd://HOST[:PORT]/EXPORT}, {@code nbd+unix:///EXPORT?socket=PATH}, or as QEMU has it
     *        {@code nbd:unix:PATH:exportname=EXPORT}; with TLS {@code nbds://HOST[:PORT]/EXPORT} or
     *        {@code nbds+unix:///EXPORT?socket=PATH}, and {@code tls-certificates=FOLDER} ({@code ca-cert.pem}, and if the
     *        server wants them {@code client-cert.pem} and {@code client-key.pem}) and {@code tls-hostname=NAME} for
     *        parameters
     */
    public static NbdClient connect(String uri) throws IOException {
        NbdUri address = NbdUri.parse(uri);
        SocketChannel channel = address.socket() instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open();
        try {
            channel.connect(address.socket());
            NbdClient client = new NbdClient(channel);
            client.negotiate(address);
            return client;
        } catch (IOException | RuntimeException e) {
            try (channel) {
                throw new IOException(uri + ": " + ErrorText.of(e), e);
            }
        }
    }

    /** Whether this is for {@link #connect}, which may still refuse it. A file of such a name begins with its folder. */
    public static boolean isUri(String text) {
        return NbdUri.isMeant(text);
    }

    // ---- negotiation ----

    private void negotiate(NbdUri address) throws IOException {
        if (in.readLong() != Protocol.INIT_MAGIC || in.readLong() != Protocol.OPTION_MAGIC) {
            throw new IOException("this is no NBD server, or an old one");
        }
        int offered = in.readUnsignedShort();
        if ((offered & Protocol.FLAG_FIXED_NEWSTYLE) == 0) {
            throw new IOException("the server does not speak fixed newstyle");
        }
        send(ByteBuffer.allocate(Integer.BYTES)
                .putInt(offered & (Protocol.FLAG_FIXED_NEWSTYLE | Protocol.FLAG_NO_ZEROES)));
        if (address.tls()) {
            startTls(address);
        }
        byte[] name = address.export().getBytes(StandardCharsets.UTF_8);
        option(Protocol.OPT_GO, ByteBuffer.allocate(Integer.BYTES + name.length + Short.BYTES).putInt(name.length)
                .put(name).putShort((short) 0));
        for (int replies = 1; reply(Protocol.OPT_GO); replies++) {
            if (replies == MOST_REPLIES) {
                throw new IOException("the server does not come to an end");
            }
        }
        if (size < 0) {
            throw new IOException("the server does not say how large the export is");
        }
    }

    /** What comes before is not protected: nothing of it is used afterwards. */
    private void startTls(NbdUri address) throws IOException {
        TlsChannel secure = ClientTls.over(channel, address.certificates(), address.hostname());
        option(Protocol.OPT_STARTTLS, ByteBuffer.allocate(0));
        if (reply(Protocol.OPT_STARTTLS)) {
            throw new IOException("the server does not answer as the protocol has it");
        }
        try {
            secure.handshake();
        } catch (SSLException e) {
            throw new IOException("TLS: " + ErrorText.of(e), e);
        }
        use(secure);
    }

    private void option(int option, ByteBuffer filled) throws IOException {
        ByteBuffer data = filled.flip();
        send(ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES + data.remaining()).putLong(Protocol.OPTION_MAGIC)
                .putInt(option).putInt(data.remaining()).put(data));
    }

    /** Reads a reply to an option; returns whether there is another. */
    private boolean reply(int option) throws IOException {
        if (in.readLong() != Protocol.OPTION_REPLY_MAGIC || in.readInt() != option) {
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
                + (option == Protocol.OPT_STARTTLS ? " TLS" : "")
                + (type == Protocol.REP_ERR_UNKNOWN ? ": there is no such export" : "")
                + (type == Protocol.REP_ERR_TLS_REQD ? ": it wants TLS, as in nbds://" : "")
                + (length > 0
                        ? ": " + PrintableText.of(new String(payload, StandardCharsets.UTF_8), LONGEST_MESSAGE)
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
        try (ByteChannel last = channel) {
            if (last.isOpen() && size >= 0) {
                send(header(Protocol.CMD_DISC, 0, 0));
            }
        }
    }
}

package io.pdata.nbd;

import io.pdata.testkit.NbdScript;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/** A client on a socket that sends any number of requests without waiting, and takes simple replies in any order. */
final class RawClient implements AutoCloseable {
    static final int READ = 0;
    static final int WRITE = 1;
    static final int DISCONNECT = 2;
    static final int FLUSH = 3;
    static final int TRIM = 4;
    static final int ZEROES = 6;

    private static final int REP_ACK = 1;
    private static final int SIMPLE_REPLY = 0x67446698;

    final SocketChannel socket;
    private final DataInputStream in;

    /**
     * A reply.
     *
     * @param error 0: none
     */
    record Reply(long cookie, int error) {}

    RawClient(SocketAddress server) throws IOException {
        socket = server instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open();
        socket.connect(server);
        in = new DataInputStream(Channels.newInputStream(socket));
        send(new NbdScript(1).go("disk").bytes());
        in.readNBytes(18);
        int type;
        do {
            in.readLong();
            in.readInt();
            type = in.readInt();
            in.readNBytes(in.readInt());
        } while (type != REP_ACK);
    }

    private void send(byte[] bytes) throws IOException {
        for (ByteBuffer left = ByteBuffer.wrap(bytes); left.hasRemaining();) {
            socket.write(left);
        }
    }

    /** Sends requests in one piece. */
    void send(NbdScript requests) throws IOException {
        byte[] bytes = requests.bytes();
        send(Arrays.copyOfRange(bytes, 4, bytes.length));
    }

    static NbdScript requests() {
        return new NbdScript(0);
    }

    static NbdScript write(NbdScript script, long cookie, long offset, byte[] payload) {
        return script.request(0, WRITE, cookie, offset, payload.length).raw(payload);
    }

    /** The next reply to a request that reads nothing. */
    Reply reply() throws IOException {
        if (in.readInt() != SIMPLE_REPLY) {
            throw new IOException("not a reply");
        }
        int error = in.readInt();
        return new Reply(in.readLong(), error);
    }

    byte[] payload(int length) throws IOException {
        return in.readNBytes(length);
    }

    boolean atEnd() throws IOException {
        return in.read() < 0;
    }

    /** Ends the connection with a reset (TCP). */
    void reset() throws IOException {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

package io.pdata.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/**
 * A channel whose bytes are encrypted on their way over another, which blocks. For one thread. An end without TLS's own
 * goodbye is an end like any other: the protocol above knows by itself where it may end.
 */
final class TlsChannel implements ByteChannel {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ByteChannel channel;
    private final SSLEngine engine;
    /** Received, not yet decrypted; between position and limit. */
    private final ByteBuffer received;
    /** Decrypted, not yet taken; between position and limit. */
    private final ByteBuffer plain;
    private final ByteBuffer toSend;
    private final String peer;
    private boolean established;

    /** @param peer what messages call the other side */
    TlsChannel(ByteChannel channel, SSLEngine engine, String peer) {
        this.peer = peer;
        this.channel = channel;
        this.engine = engine;
        this.received = ByteBuffer.allocateDirect(engine.getSession().getPacketBufferSize()).flip();
        this.toSend = ByteBuffer.allocateDirect(engine.getSession().getPacketBufferSize());
        this.plain = ByteBuffer.allocateDirect(engine.getSession().getApplicationBufferSize()).flip();
    }

    /** Agrees on keys with the other side, and makes sure of its certificate, if it is to have one. */
    void handshake() throws IOException {
        try {
            engine.beginHandshake();
            while (engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
                if (engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP && !unwrapIntoPlain()) {
                    throw new SSLException("the " + peer + " has gone during the TLS handshake");
                }
                goOn();
            }
            established = true;
        } catch (SSLException e) {
            tellWhy(e);
            throw e;
        }
    }

    /** Does what the engine wants to do by itself: think, or send something. */
    private void goOn() throws IOException {
        while (true) {
            switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> engine.getDelegatedTask().run();
            case NEED_WRAP -> send(NOTHING);
            default -> {
                return;
            }
            }
        }
    }

    /** The engine has an alert for the other side. That it cannot be sent any more is no news. */
    private void tellWhy(SSLException reason) {
        try {
            goOn();
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    private boolean unwrapIntoPlain() throws IOException {
        plain.compact();
        try {
            return unwrap(plain);
        } finally {
            plain.flip();
        }
    }

    /** Decrypts one record; false at the end. Waits for it. */
    private boolean unwrap(ByteBuffer target) throws IOException {
        while (true) {
            SSLEngineResult result = engine.unwrap(received, target);
            if (result.getStatus() == Status.CLOSED) {
                return false;
            }
            if (result.getStatus() == Status.BUFFER_OVERFLOW) {
                throw new SSLException("a TLS record larger than was agreed on");
            }
            if (result.getStatus() == Status.OK) {
                return true;
            }
            received.compact();
            try {
                if (channel.read(received) < 0) {
                    return false;
                }
            } finally {
                received.flip();
            }
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        try {
            while (!plain.hasRemaining()) {
                if (!unwrapIntoPlain()) {
                    return -1;
                }
                if (established && !"TLSv1.3".equals(engine.getSession().getProtocol())
                        && engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
                    throw new SSLException("the " + peer + " wants to negotiate TLS again");
                }
                goOn();
            }
        } catch (SSLException e) {
            tellWhy(e);
            throw e;
        }
        int bytes = Math.min(plain.remaining(), target.remaining());
        target.put(target.position(), plain, plain.position(), bytes);
        target.position(target.position() + bytes);
        plain.position(plain.position() + bytes);
        return bytes;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int bytes = source.remaining();
        while (source.hasRemaining()) {
            send(source);
        }
        return bytes;
    }

    /** Encrypts and sends a record: of the bytes there are, or what the engine itself has to say. */
    private void send(ByteBuffer source) throws IOException {
        toSend.clear();
        SSLEngineResult result = engine.wrap(source, toSend);
        toSend.flip();
        while (toSend.hasRemaining()) {
            channel.write(toSend);
        }
        if (result.getStatus() == Status.CLOSED && source.hasRemaining()) {
            throw new SSLException("the " + peer + " has ended TLS");
        }
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    /** Says goodbye, and closes the channel below. */
    @Override
    public void close() throws IOException {
        try (channel) {
            sayGoodbye();
        }
    }

    private void sayGoodbye() {
        engine.closeOutbound();
        try {
            while (!engine.isOutboundDone() && channel.isOpen()) {
                send(NOTHING);
            }
        } catch (IOException e) {
            return; // the other side has not waited for it
        }
    }
}

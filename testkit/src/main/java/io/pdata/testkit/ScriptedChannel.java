package io.pdata.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;

/** A connection to a client that sends what it was told to, whatever it is answered, and then no more. */
public final class ScriptedChannel implements ByteChannel {
    private final ByteBuffer input;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final int mostAtATime;
    private boolean open = true;

    /**
     * @param input all that the client sends
     * @param mostAtATime how much of it arrives in one piece, at most
     */
    public ScriptedChannel(byte[] input, int mostAtATime) {
        this.input = ByteBuffer.wrap(input);
        this.mostAtATime = mostAtATime;
    }

    @Override
    public int read(ByteBuffer target) throws ClosedChannelException {
        requireOpen();
        if (!input.hasRemaining()) {
            return -1;
        }
        int bytes = Math.min(Math.min(input.remaining(), target.remaining()), mostAtATime);
        target.put(input.slice(input.position(), bytes));
        input.position(input.position() + bytes);
        return bytes;
    }

    @Override
    public int write(ByteBuffer source) throws ClosedChannelException {
        requireOpen();
        byte[] bytes = new byte[source.remaining()];
        source.get(bytes);
        output.writeBytes(bytes);
        return bytes.length;
    }

    private void requireOpen() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
    }

    /** All that the client has been sent. */
    public byte[] output() {
        return output.toByteArray();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }
}

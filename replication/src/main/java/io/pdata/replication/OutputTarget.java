package io.pdata.replication;

import java.io.IOException;
import java.io.OutputStream;

/** A stream of bytes: zeroes are written out. */
public final class OutputTarget implements Target {
    private static final byte[] ZEROES = new byte[1 << 16];

    private final OutputStream out;

    /** @param out is flushed in the end, not closed */
    public OutputTarget(OutputStream out) {
        this.out = out;
    }

    @Override
    public void begin(long size) {
        // whoever reads sees the end when it comes
    }

    @Override
    public void write(long position, byte[] bytes, int offset, int length) {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void zero(long position, long length) {
        for (long rest = length; rest > 0; rest -= ZEROES.length) {
            write(position, ZEROES, 0, (int) Math.min(rest, ZEROES.length));
        }
    }

    @Override
    public void finish() {
        try {
            out.flush();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static TransferException failed(IOException e) {
        return new TransferException("the output cannot be written: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        // the stream belongs to who gave it
    }
}

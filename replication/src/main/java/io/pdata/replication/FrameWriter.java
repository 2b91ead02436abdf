package io.pdata.replication;

import io.airlift.compress.v3.zstd.ZstdCompressor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes frames. Memory: three of the largest there can be. Not thread-safe. */
final class FrameWriter {
    /** What is shorter is not worth the trouble. */
    private static final int LEAST_ENCODED = 256;

    private final OutputStream out;
    private final ZstdCompressor zstd;
    private final Digest digest;
    private final byte[] wire = new byte[Frame.HEADER + Frame.MOST_PAYLOAD];
    private final ByteBuffer header = ByteBuffer.wrap(wire).order(ByteOrder.LITTLE_ENDIAN);
    private final byte[] encoded;
    private long number;
    private long bytes;

    FrameWriter(OutputStream out, boolean compress, Digest digest) {
        this.out = out;
        this.zstd = compress ? ZstdCompressor.create() : null;
        this.encoded = compress ? new byte[zstd.maxCompressedLength(Frame.MOST_PAYLOAD)] : null;
        this.digest = digest;
    }

    /** Writes a frame with the first {@code length} bytes of a payload. */
    void write(Frame.Type type, byte[] payload, int length) {
        int wireLength = encode(payload, length);
        boolean plain = wireLength == length;
        System.arraycopy(plain ? payload : encoded, 0, wire, Frame.HEADER, wireLength);
        header.putInt(Frame.MAGIC, Frame.MAGIC_NUMBER).put(Frame.TYPE, (byte) type.code)
                .put(Frame.ENCODING, (byte) (plain ? Frame.PLAIN : Frame.ZSTD)).putShort(Frame.RESERVED, (short) 0)
                .putLong(Frame.NUMBER, number).putInt(Frame.WIRE_LENGTH, wireLength).putInt(Frame.PLAIN_LENGTH, length)
                .putInt(Frame.PLAIN_CHECKSUM, Frame.crc(payload, 0, length));
        int total = Frame.HEADER + wireLength;
        header.putInt(Frame.CHECKSUM, Frame.checksum(wire, total));
        try {
            out.write(wire, 0, total);
        } catch (IOException e) {
            throw failed(e);
        }
        digest.add(wire, total);
        number++;
        bytes += total;
    }

    /** Encodes a payload if that makes it shorter by a sixteenth; returns its length then, or as it was. */
    private int encode(byte[] payload, int length) {
        if (zstd == null || length < LEAST_ENCODED) {
            return length;
        }
        int shorter = zstd.compress(payload, 0, length, encoded, 0, encoded.length);
        return shorter < length - length / 16 ? shorter : length;
    }

    void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static TransferException failed(IOException e) {
        return new TransferException("the stream cannot be written: " + e.getMessage(), e);
    }

    /** How many bytes have been written. */
    long bytes() {
        return bytes;
    }
}

package io.pdata.replication;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes the stream of one volume, from its header to its end. Errors: {@link TransferException}. Not thread-safe. */
final class StreamWriter {
    /** Where the data begin in {@link #buffer}. */
    static final int DATA = Long.BYTES;

    private static final int LONGEST_REASON = 4096;

    private final Digest digest;
    private final FrameWriter frames;
    private final SentVolume volume;
    private final byte[] buffer = new byte[Frame.MOST_PAYLOAD];
    private final ByteBuffer numbers = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN);
    private long data;
    private long holes;

    StreamWriter(OutputStream out, Header header, boolean compress) {
        this.digest = new Digest(header.digest());
        this.frames = new FrameWriter(out, compress, digest);
        this.volume = header.volume();
        byte[] first = header.bytes();
        frames.write(Frame.Type.BEGIN, first, first.length);
    }

    /** Where to put the data for {@link #data}, from {@link #DATA} on. */
    byte[] buffer() {
        return buffer;
    }

    /** Writes what is in the buffer. */
    void data(long position, int length) {
        numbers.putLong(0, position);
        frames.write(Frame.Type.DATA, buffer, DATA + length);
        data += length;
    }

    void base(BaseSample sample) {
        byte[] payload = new byte[2 * Long.BYTES + BaseSample.DIGEST_BYTES];
        ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN).putLong(sample.position()).putLong(sample.length())
                .put(sample.digest());
        frames.write(Frame.Type.BASE, payload, payload.length);
    }

    void hole(long position, long length) {
        byte[] payload = new byte[2 * Long.BYTES];
        ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN).putLong(position).putLong(length);
        frames.write(Frame.Type.HOLE, payload, payload.length);
        holes += length;
    }

    /** Writes the end; from now on the receiver can believe it all. */
    TransferReport end() {
        byte[] payload = new byte[2 * Long.BYTES + Digest.BYTES];
        ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN).putLong(data).putLong(holes)
                .put(Digest.bytes(digest.value()));
        frames.write(Frame.Type.END, payload, payload.length);
        frames.flush();
        return new TransferReport(volume.name(), volume.size(), volume.incremental(), data, holes, frames.bytes());
    }

    /** Tells the receiver that there is no more to come, and why. */
    void failed(String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        frames.write(Frame.Type.FAILED, Arrays.copyOf(text, Math.min(text.length, LONGEST_REASON)),
                Math.min(text.length, LONGEST_REASON));
        frames.flush();
    }
}

package io.pdata.replication;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads the stream of one volume, and believes nothing of it that cannot be: records are in ascending order, do not
 * overlap and lie within the volume. That it is whole is known at its end, and not before. Errors:
 * {@link TransferException}. Not thread-safe.
 */
final class StreamReader {
    private final FrameReader frames;
    private final Header header;
    private final Digest digest;
    /** All before it has been dealt with, as far as the digest goes. */
    private long position;
    private long reached;
    private long data;
    private long holes;
    private int samples;
    private long bytes;

    /** Gets what a stream holds. */
    interface Sink {
        void data(long position, byte[] bytes, int offset, int length);

        void hole(long position, long length);

        /** Checks a part of the base; called before anything else. */
        void base(BaseSample sample);
    }

    /** Reads the header. */
    StreamReader(InputStream in) {
        frames = new FrameReader(in);
        frames.next();
        if (frames.type() != Frame.Type.BEGIN) {
            throw new TransferException("this is no stream of a volume: it does not begin with a header");
        }
        header = Header.read(frames.payload());
        reached = header.position();
        digest = new Digest(header.digest());
        count();
    }

    Header header() {
        return header;
    }

    /**
     * Reads one more frame.
     *
     * @return false if it was the end, and the stream is whole
     */
    boolean next(Sink sink) {
        frames.next();
        ByteBuffer payload = frames.payload();
        switch (frames.type()) {
        case BEGIN -> throw frames.damaged("a second header");
        case DATA -> {
            require(payload.remaining() > Long.BYTES);
            long at = begin(payload.getLong(), payload.remaining());
            sink.data(at, frames.bytes(), payload.position(), payload.remaining());
            data += payload.remaining();
        }
        case HOLE -> {
            require(payload.remaining() == 2 * Long.BYTES);
            long at = payload.getLong();
            long length = payload.getLong();
            sink.hole(begin(at, length), length);
            holes += length;
        }
        case BASE -> sink.base(sample(payload));
        case FAILED -> throw givenUp(payload);
        case END -> {
            checkEnd(payload);
            bytes += frames.wireLength();
            return false;
        }
        }
        count();
        return true;
    }

    private BaseSample sample(ByteBuffer payload) {
        require(payload.remaining() == 2 * Long.BYTES + BaseSample.DIGEST_BYTES);
        long at = payload.getLong();
        long length = payload.getLong();
        byte[] expected = new byte[BaseSample.DIGEST_BYTES];
        payload.get(expected);
        if (!header.volume().incremental() || header.goesOn() || reached > 0 || ++samples > BaseSample.MOST || at < 0
                || length <= 0 || length > BaseSample.MOST_BYTES || at > header.volume().size() - length) {
            throw frames.damaged("it describes " + Long.toUnsignedString(length) + " bytes of the base at "
                    + Long.toUnsignedString(at));
        }
        return new BaseSample(at, (int) length, expected);
    }

    static TransferException givenUp(ByteBuffer reason) {
        return new TransferException("the sender gave up: " + StandardCharsets.UTF_8.decode(reason));
    }

    private void count() {
        digest.add(frames.wire(), frames.wireLength());
        bytes += frames.wireLength();
        position = reached;
    }

    private void require(boolean right) {
        if (!right) {
            throw frames.damaged("it holds " + frames.payload().limit() + " bytes");
        }
    }

    private long begin(long at, long length) {
        long size = header.volume().size();
        if (at < position || length <= 0 || at > size || length > size - at) {
            throw frames.damaged(Long.toUnsignedString(length) + " bytes at " + Long.toUnsignedString(at)
                    + ", after " + position + " and in a volume of " + size);
        }
        reached = at + length;
        return at;
    }

    private void checkEnd(ByteBuffer payload) {
        require(payload.remaining() == 2 * Long.BYTES + Digest.BYTES);
        byte[] expected = new byte[Digest.BYTES];
        long expectedData = payload.getLong();
        long expectedHoles = payload.getLong();
        payload.get(expected);
        if (expectedData != data || expectedHoles != holes || !Digest.hex(expected).equals(digest.value())) {
            throw TransferException.hopeless("the checksum of the whole stream is wrong");
        }
    }

    /** How much has been read so far: for a sender who is to go on from here. */
    ResumeToken token() {
        SentVolume volume = header.volume();
        return new ResumeToken(volume.content(), volume.base(), volume.size(), position, digest.value());
    }

    /** What has been read so far. */
    TransferReport report() {
        SentVolume volume = header.volume();
        return new TransferReport(volume.name(), volume.size(), volume.incremental(), data, holes, bytes);
    }
}

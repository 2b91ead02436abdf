package io.pdata.fuzz.target;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What goes through all frames of a stream: numbers, checksums, totals. Says the first thing that is wrong. Not
 * thread-safe.
 */
final class StreamTotals {
    private byte[] digest = new byte[StreamForge.DIGEST];
    private long frames;
    private long data;
    private long holes;
    private boolean ended;
    private String problem = "";

    /** Adds the next frame, with as much payload as its header says. */
    void add(byte[] bytes) {
        ByteBuffer frame = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int type = frame.get(StreamForge.TYPE);
        boolean plain = frame.get(StreamForge.ENCODING) != StreamForge.ZSTD;
        int payload = bytes.length - StreamForge.HEADER;
        require(frame.getInt(0) == StreamForge.MAGIC, "another beginning");
        require((type == StreamForge.BEGIN) == (frames == 0), "a header in the wrong place");
        require(frame.getLong(StreamForge.NUMBER) == frames++, "a wrong number");
        require(frame.getInt(StreamForge.CHECKSUM) == StreamForge.checksum(bytes), "a wrong checksum");
        require(!plain || frame.getInt(StreamForge.PLAIN_LENGTH) == payload, "a wrong length");
        require(!plain || frame.getInt(StreamForge.PLAIN_CHECKSUM) == StreamForge.crc(bytes, StreamForge.HEADER),
                "a wrong checksum of what a frame holds");
        if (type == StreamForge.BEGIN && payload >= StreamForge.NAMES_AT) {
            frame.get(StreamForge.HEADER + StreamForge.DIGEST_AT, digest);
        } else if (type == StreamForge.DATA) {
            data += frame.getInt(StreamForge.PLAIN_LENGTH) - Long.BYTES;
        } else if (type == StreamForge.HOLE && plain && payload == 2 * Long.BYTES) {
            holes += frame.getLong(StreamForge.HEADER + Long.BYTES);
        } else if (type == StreamForge.END) {
            end(frame, payload);
        }
        digest = StreamForge.next(digest, bytes);
    }

    private void end(ByteBuffer frame, int payload) {
        ended = true;
        require(payload == StreamForge.END_PAYLOAD, "an end of another length");
        if (payload == StreamForge.END_PAYLOAD) {
            byte[] said = new byte[StreamForge.DIGEST];
            frame.get(StreamForge.HEADER + 2 * Long.BYTES, said);
            require(frame.getLong(StreamForge.HEADER) == data, "a wrong total of data");
            require(frame.getLong(StreamForge.HEADER + Long.BYTES) == holes, "a wrong total of holes");
            require(Arrays.equals(said, digest), "a wrong digest");
        }
    }

    private void require(boolean right, String otherwise) {
        if (!right && problem.isEmpty()) {
            problem = otherwise;
        }
    }

    /** Whether the last frame has come. */
    boolean ended() {
        return ended;
    }

    /** What is wrong; empty if nothing is. */
    String problem() {
        return problem;
    }
}

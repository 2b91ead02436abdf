package io.pdata.fuzz.target;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * What a stream says is in its volume, as somebody else reads it who goes by docs/replication.md: for streams, or
 * beginnings of streams, that have been accepted. Not thread-safe.
 */
final class StreamContent {
    /** Around the ends of each range so many bytes are compared. */
    private static final int AROUND = 64;
    private static final byte[] COMPRESSIBLE = StreamForge.compressible();

    private final byte[] base;
    private final List<Range> ranges = new ArrayList<>();
    private final StreamTotals totals = new StreamTotals();
    private ByteBuffer begin;

    /** What is known of some bytes: {@code bytes} are null for zeroes. */
    private record Range(long position, long length, byte[] bytes, boolean known) {
        long end() {
            return position + length;
        }
    }

    /** Reads bytes of the volume that came of the stream. */
    interface Volume {
        void read(long position, byte[] target);
    }

    /**
     * Reads a stream up to its first end.
     *
     * @param base what a volume holds that the stream may be changes to
     */
    StreamContent(byte[] stream, byte[] base) {
        this.base = base;
        ByteBuffer frames = ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at + StreamForge.HEADER <= stream.length && !totals.ended();) {
            int length = frames.getInt(at + StreamForge.WIRE_LENGTH);
            if (length < 0 || length > stream.length - at - StreamForge.HEADER) {
                return;
            }
            totals.add(Arrays.copyOfRange(stream, at, at + StreamForge.HEADER + length));
            if (!totals.ended()) {
                frame(frames, at, length);
            }
            at += StreamForge.HEADER + length;
        }
    }

    /** Nothing must be wrong with the stream: it has been accepted as a whole. */
    void requireWhole() {
        Judge.require(totals.problem().isEmpty() && totals.ended(), "accepted with " + totals.problem());
        long reached = 0;
        for (Range range : ranges) {
            Judge.require(!range.known || range.position >= reached && range.length > 0
                    && range.length <= size() - range.position, "accepted with ranges in disorder");
            reached = range.known ? range.end() : reached;
        }
    }

    private void frame(ByteBuffer stream, int at, int length) {
        boolean encoded = stream.get(at + StreamForge.ENCODING) == StreamForge.ZSTD;
        boolean known = !encoded
                || stream.getInt(at + StreamForge.PLAIN_CHECKSUM) == StreamForge.crc(COMPRESSIBLE, 0);
        byte[] plain = encoded
                ? COMPRESSIBLE
                : Arrays.copyOfRange(stream.array(), at + StreamForge.HEADER, at + StreamForge.HEADER + length);
        ByteBuffer payload = ByteBuffer.wrap(plain).order(ByteOrder.LITTLE_ENDIAN);
        int type = stream.get(at + StreamForge.TYPE);
        if (begin == null) { // whatever it is: only what begins with a header is accepted, even in part
            begin = payload;
        } else if (type == StreamForge.DATA && plain.length > Long.BYTES && known) {
            ranges.add(new Range(payload.getLong(), plain.length - Long.BYTES,
                    Arrays.copyOfRange(plain, Long.BYTES, plain.length), true));
        } else if (type == StreamForge.HOLE && plain.length == 2 * Long.BYTES) {
            ranges.add(new Range(payload.getLong(), payload.getLong(), null, known));
        } else if (type == StreamForge.DATA && !known) {
            ranges.add(new Range(0, size(), null, false));
        }
    }

    /** The size of the volume. */
    long size() {
        return begin.getLong(8);
    }

    /** Names what the volume holds. */
    UUID content() {
        return new UUID(begin.getLong(16), begin.getLong(24));
    }

    private boolean incremental() {
        return !new UUID(begin.getLong(32), begin.getLong(40)).equals(StreamForge.NONE);
    }

    /** Forgets all that is behind a position, or that cannot follow what is before it. */
    StreamContent until(long position) {
        long reached = 0;
        int good = 0;
        for (Range range : ranges) {
            if (range.known
                    && (range.position < reached || range.length <= 0 || range.length > position - range.position)) {
                break;
            }
            reached = range.known ? range.end() : reached;
            good++;
        }
        ranges.subList(good, ranges.size()).clear();
        return this;
    }

    /** Adds what came by a stream that went on. */
    void then(long position, byte[] bytes) {
        ranges.add(new Range(position, bytes.length, bytes, true));
    }

    /** Compares the volume with what the stream says, where something begins or ends. */
    void require(Volume volume) {
        compare(volume, 0, AROUND);
        compare(volume, size() - AROUND, AROUND);
        for (Range range : List.copyOf(ranges)) {
            if (range.bytes != null) {
                compare(volume, range.position - AROUND, range.length + 2 * AROUND);
            } else {
                compare(volume, range.position - AROUND, 2 * AROUND);
                compare(volume, range.end() - AROUND, 2 * AROUND);
            }
        }
    }

    private void compare(Volume volume, long from, long length) {
        long begin = Math.max(0, from);
        long end = Math.min(size(), from + length);
        if (begin >= end || ranges.stream().anyMatch(range -> !range.known)) {
            return;
        }
        byte[] found = new byte[(int) (end - begin)];
        volume.read(begin, found);
        Judge.require(Arrays.equals(found, expected(begin, found.length)),
                "the volume does not have what was sent, at or after " + begin);
    }

    private byte[] expected(long begin, int length) {
        byte[] bytes = new byte[length];
        if (incremental()) {
            copy(base, 0, base.length, bytes, begin);
        }
        ranges.forEach(range -> copy(range.bytes, range.position, range.length, bytes, begin));
        return bytes;
    }

    /** Copies what lies at {@code position}, zeroes if it is null, to where it belongs in what lies at {@code begin}. */
    private static void copy(byte[] source, long position, long length, byte[] target, long begin) {
        long from = Math.max(position, begin);
        long to = Math.min(position + length, begin + target.length);
        if (from < to && source == null) {
            Arrays.fill(target, (int) (from - begin), (int) (to - begin), (byte) 0);
        } else if (from < to) {
            System.arraycopy(source, (int) (from - position), target, (int) (from - begin), (int) (to - from));
        }
    }
}

package io.pdata.replication;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.zstd.ZstdDecompressor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads frames, and lets none through that is not as it was written. Memory: two of the largest there can be, whatever a
 * header says. Not thread-safe.
 */
final class FrameReader {
    private final InputStream in;
    private final ZstdDecompressor zstd = ZstdDecompressor.create();
    private final byte[] wire = new byte[Frame.HEADER + Frame.MOST_PAYLOAD];
    private final ByteBuffer header = ByteBuffer.wrap(wire).order(ByteOrder.LITTLE_ENDIAN);
    private final byte[] plain = new byte[Frame.MOST_PAYLOAD];
    private final ByteBuffer payload = ByteBuffer.wrap(plain).order(ByteOrder.LITTLE_ENDIAN);
    private long number;
    private int wireTotal;
    private Frame.Type type;

    FrameReader(InputStream in) {
        this.in = in;
    }

    /**
     * Reads the next frame.
     *
     * @throws TransferException if there is none, or it is damaged
     */
    void next() {
        nextUnread();
        decoded();
    }

    /** As {@link #next}, for who does not want to know what the frame holds: {@link #decoded} tells later. */
    void nextUnread() {
        readFully(0, Frame.HEADER);
        if (header.getInt(Frame.MAGIC) != Frame.MAGIC_NUMBER) {
            throw number == 0
                    ? new TransferException("this is no stream of a volume: it does not begin as one")
                    : damaged("it does not begin as one");
        }
        int wireLength = header.getInt(Frame.WIRE_LENGTH);
        int plainLength = header.getInt(Frame.PLAIN_LENGTH);
        if (wireLength < 0 || wireLength > Frame.MOST_PAYLOAD || plainLength < 0 || plainLength > Frame.MOST_PAYLOAD) {
            throw damaged("it claims to have " + Integer.toUnsignedString(wireLength) + " bytes");
        }
        readFully(Frame.HEADER, wireLength);
        wireTotal = Frame.HEADER + wireLength;
        if (header.getInt(Frame.CHECKSUM) != Frame.checksum(wire, wireTotal)) {
            throw damaged("its checksum is wrong");
        }
        if (header.getLong(Frame.NUMBER) != number) {
            throw damaged("it says it is number " + Long.toUnsignedString(header.getLong(Frame.NUMBER)));
        }
        type = Frame.Type.of(header.get(Frame.TYPE));
        number++;
    }

    /** What the frame holds, from its first byte to its last; valid until the next one is read. */
    ByteBuffer decoded() {
        int plainLength = plainLength();
        decode(header.getInt(Frame.WIRE_LENGTH), plainLength);
        if (header.getInt(Frame.PLAIN_CHECKSUM) != Frame.crc(plain, 0, plainLength)) {
            throw damaged("the checksum of what it holds is wrong");
        }
        return payload;
    }

    int plainLength() {
        return header.getInt(Frame.PLAIN_LENGTH);
    }

    private void decode(int wireLength, int plainLength) {
        int length = switch (header.get(Frame.ENCODING)) {
        case Frame.PLAIN -> copy(wireLength);
        case Frame.ZSTD -> decompress(wireLength);
        default -> throw damaged("it is encoded in an unknown way, " + header.get(Frame.ENCODING));
        };
        if (length != plainLength) {
            throw damaged("it holds " + length + " bytes instead of " + plainLength);
        }
        payload.clear().limit(length);
    }

    private int copy(int length) {
        System.arraycopy(wire, Frame.HEADER, plain, 0, length);
        return length;
    }

    private int decompress(int wireLength) {
        try {
            return zstd.decompress(wire, Frame.HEADER, wireLength, plain, 0, plain.length);
        } catch (MalformedInputException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new TransferException("the stream is damaged in its frame " + number + ": it cannot be decompressed: "
                    + e.getMessage(), e);
        }
    }

    private void readFully(int offset, int length) {
        int n;
        try {
            n = in.readNBytes(wire, offset, length);
        } catch (IOException e) {
            throw new TransferException("the stream cannot be read: " + e.getMessage(), e);
        }
        if (n == 0 && number == 0 && offset == 0) {
            throw new TransferException("the stream is empty: whatever was to send it has not");
        }
        if (n < length) {
            throw new TransferException("the stream ends before it is complete, in its frame " + number);
        }
    }

    TransferException damaged(String problem) {
        return new TransferException("the stream is damaged in its frame " + number + ": " + problem);
    }

    Frame.Type type() {
        return type;
    }

    /** What {@link #next} has read; valid until the next one is read. */
    ByteBuffer payload() {
        return payload;
    }

    /** The bytes behind {@link #payload}. */
    byte[] bytes() {
        return plain;
    }

    /** The frame as it came, {@link #wireLength} bytes; valid until the next one is read. */
    byte[] wire() {
        return wire;
    }

    int wireLength() {
        return wireTotal;
    }
}

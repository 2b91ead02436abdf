package io.pdata.replication;

import java.util.zip.CRC32C;

/**
 * The layout of a frame, of which a stream is made; all numbers little-endian. Source: docs/replication.md.
 *
 * <p>The checksum covers the rest of the header and the payload as it is on the wire.
 */
final class Frame {
    /** "PDS1". */
    static final int MAGIC_NUMBER = 0x31534450;

    static final int MAGIC = 0;
    static final int TYPE = 4;
    static final int ENCODING = 5;
    static final int RESERVED = 6;
    static final int NUMBER = 8;
    static final int WIRE_LENGTH = 16;
    static final int PLAIN_LENGTH = 20;
    static final int PLAIN_CHECKSUM = 24;
    static final int CHECKSUM = 28;
    static final int HEADER = 32;

    static final int PLAIN = 0;
    static final int ZSTD = 1;

    /** The most data in a frame, in bytes. */
    static final int MOST_DATA = 1 << 20;
    /** The most payload. Encoded it never has more: what does not get smaller is not encoded. */
    static final int MOST_PAYLOAD = MOST_DATA + Long.BYTES;

    private Frame() {}

    /** The sorts of frames. */
    enum Type {
        /** What the stream is of; the first frame and no other. */
        BEGIN(1),
        /** A position, and the bytes from there on. */
        DATA(2),
        /** A position and a length: zeroes. */
        HOLE(3),
        /** Totals and the digest; the last frame. */
        END(4),
        /** The sender gives up: why, as text. The last frame too. */
        FAILED(5),
        /** A position, a length and a SHA-256: of the bytes that the base has there. Only directly after the first frame. */
        BASE(6);

        final int code;

        Type(int code) {
            this.code = code;
        }

        /** @throws TransferException if there is none */
        static Type of(int code) {
            for (Type type : values()) {
                if (type.code == code) {
                    return type;
                }
            }
            throw new TransferException("the stream is damaged: a frame of unknown type " + code);
        }
    }

    static int crc(byte[] bytes, int from, int to) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, to - from);
        return (int) crc.getValue();
    }

    /** The checksum of a header and the payload behind it. */
    static int checksum(byte[] frame, int length) {
        CRC32C crc = new CRC32C();
        crc.update(frame, 0, CHECKSUM);
        crc.update(frame, HEADER, length - HEADER);
        return (int) crc.getValue();
    }
}

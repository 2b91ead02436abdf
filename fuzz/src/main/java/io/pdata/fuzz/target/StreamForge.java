package io.pdata.fuzz.target;

import io.pdata.fuzz.image.Input;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Makes streams of volumes, frame by frame: good ones, and such as somebody made of good ones who knows the format,
 * with numbers, lengths, checksums and totals made right again. Written after docs/replication.md and nothing else. Not
 * thread-safe.
 */
final class StreamForge {
    static final int HEADER = 32;
    static final int ENCODING = 5;
    static final int TYPE = 4;
    static final int WIRE_LENGTH = 16;
    static final int PLAIN_LENGTH = 20;
    static final int PLAIN_CHECKSUM = 24;
    static final int BEGIN = 1;
    static final int DATA = 2;
    static final int HOLE = 3;
    static final int END = 4;
    static final int ZSTD = 1;

    /** What a payload of type begin has before the digest of what came before, and before the names. */
    static final int DIGEST_AT = 56;
    static final int DIGEST = 32;
    static final int NAMES_AT = DIGEST_AT + DIGEST + Long.BYTES;
    static final UUID NONE = new UUID(0, 0);

    static final int MAGIC = 0x31534450;
    static final int NUMBER = 8;
    static final int CHECKSUM = 28;
    static final int END_PAYLOAD = 2 * Long.BYTES + DIGEST;
    private static final int MOST_FRAMES = 24;
    private static final int MOST_FORGED = 1 << 13;
    /** {@link #compressible}, as zstd 1.5 compresses it. */
    private static final byte[] COMPRESSED = HexFormat.of()
            .parseHex("28b52ffd00682d020004020000010041484f56464d54444b5242495057474e55454c53434a51"
                    + "58595a5b5c10a030b7d67f03702b751e1db9ddd52aedd49d053b7a05af1d551f79b075ed94ca6a76");

    private final List<byte[]> frames = new ArrayList<>();

    /** What a compressed frame holds: 2048 bytes for the position 65536. */
    static byte[] compressible() {
        byte[] payload = new byte[Long.BYTES + 2048];
        numbers(payload).putLong(0, 65_536);
        for (int i = 0; i < payload.length - Long.BYTES; i++) {
            payload[Long.BYTES + i] = (byte) ('A' + i * 7 % 23 + i / 400);
        }
        return payload;
    }

    private static ByteBuffer numbers(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    StreamForge begin(String name, long size, UUID content, UUID base, long position, byte[] digest) {
        byte[] called = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer payload = ByteBuffer.allocate(NAMES_AT + 2 * Short.BYTES + called.length)
                .order(ByteOrder.LITTLE_ENDIAN).putInt(1).putInt(0).putLong(size);
        payload.putLong(content.getMostSignificantBits()).putLong(content.getLeastSignificantBits());
        payload.putLong(base.getMostSignificantBits()).putLong(base.getLeastSignificantBits());
        payload.putLong(position).put(digest).putLong(size);
        payload.putShort((short) called.length).put(called).putShort((short) 0);
        return add(BEGIN, payload.array());
    }

    StreamForge data(long position, byte[] bytes) {
        byte[] payload = new byte[Long.BYTES + bytes.length];
        numbers(payload).putLong(position).put(bytes);
        return add(DATA, payload);
    }

    /** A frame of data that zstd has made small. */
    StreamForge compressed() {
        byte[] plain = compressible();
        add(DATA, COMPRESSED);
        numbers(frames.getLast()).put(ENCODING, (byte) ZSTD).putInt(PLAIN_LENGTH, plain.length)
                .putInt(PLAIN_CHECKSUM, crc(plain, 0));
        return this;
    }

    StreamForge hole(long position, long length) {
        byte[] payload = new byte[2 * Long.BYTES];
        numbers(payload).putLong(position).putLong(length);
        return add(HOLE, payload);
    }

    StreamForge end() {
        return add(END, new byte[END_PAYLOAD]);
    }

    private StreamForge add(int type, byte[] payload) {
        frames.add(frame(type, payload));
        return this;
    }

    private static byte[] frame(int type, byte[] payload) {
        byte[] frame = new byte[HEADER + payload.length];
        numbers(frame).putInt(MAGIC).put((byte) type).position(HEADER).put(payload);
        return frame;
    }

    /** Changes something in one of the frames, or in their order. */
    void change(Input input) {
        int what = input.number();
        int at = frames.isEmpty() ? 0 : input.number() % frames.size();
        if (frames.isEmpty() || frames.size() > MOST_FRAMES) {
            return;
        }
        byte[] frame = frames.get(at);
        switch (what % 10) {
        case 0 -> frames.remove(at);
        case 1 -> frames.add(at, frame.clone());
        case 2 -> frames.add(input.number() % frames.size(), frames.remove(at));
        case 3 -> frame[(input.number() << Byte.SIZE | input.number()) % frame.length] = (byte) input.number();
        case 4 -> number(frame, HEADER, input.wide());
        case 5 -> number(frame, HEADER + Long.BYTES, input.wide());
        case 6 -> number(frame, HEADER + Long.BYTES * (input.number() % 16), -input.wide());
        case 7 -> frames.set(at, Arrays.copyOf(frame, HEADER + (int) (input.wide() & 0xfff)));
        case 8 -> frames.add(at, frame(HOLE, twoNumbers(input.wide() << what / 10, input.wide() << what / 10)));
        default -> frames.add(at, frame(DATA, forged(input.wide() << what / 10, input.number())));
        }
    }

    private static void number(byte[] frame, int at, long number) {
        if (at + Long.BYTES <= frame.length) {
            numbers(frame).putLong(at, number);
        }
    }

    private static byte[] twoNumbers(long first, long second) {
        byte[] payload = new byte[2 * Long.BYTES];
        numbers(payload).putLong(first).putLong(second);
        return payload;
    }

    private static byte[] forged(long position, int size) {
        byte[] payload = new byte[Long.BYTES + size * size % MOST_FORGED];
        Arrays.fill(payload, (byte) size);
        number(payload, 0, position);
        return payload;
    }

    /** Which of the things that go through all frames are not to be made right. */
    enum Wrong {
        NUMBERS, LENGTHS, END, CHECKSUMS
    }

    /**
     * Makes right again what changes have made wrong, and joins the frames.
     *
     * @param but a bit for each {@link Wrong} that stays as it is
     */
    byte[] mended(int but) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        byte[] digest = digestBefore();
        long data = 0;
        long holes = 0;
        for (int i = 0; i < frames.size(); i++) {
            byte[] bytes = frames.get(i);
            ByteBuffer frame = numbers(bytes);
            if (!stays(but, Wrong.NUMBERS)) {
                frame.putLong(NUMBER, i);
            }
            if (frame.get(TYPE) == END && bytes.length == HEADER + END_PAYLOAD && !stays(but, Wrong.END)) {
                frame.putLong(HEADER, data).putLong(HEADER + Long.BYTES, holes).put(HEADER + 2 * Long.BYTES, digest);
            }
            if (!stays(but, Wrong.LENGTHS)) {
                mendLengths(frame);
            }
            if (!stays(but, Wrong.CHECKSUMS)) {
                frame.putInt(CHECKSUM, checksum(bytes));
            }
            if (frame.get(TYPE) == DATA) {
                data += frame.getInt(PLAIN_LENGTH) - Long.BYTES;
            } else if (frame.get(TYPE) == HOLE && bytes.length >= HEADER + 2 * Long.BYTES) {
                holes += frame.getLong(HEADER + Long.BYTES);
            }
            digest = next(digest, bytes);
            stream.writeBytes(bytes);
        }
        return stream.toByteArray();
    }

    private static boolean stays(int but, Wrong wrong) {
        return (but & 1 << wrong.ordinal()) != 0;
    }

    private static void mendLengths(ByteBuffer frame) {
        int payload = frame.capacity() - HEADER;
        frame.putInt(WIRE_LENGTH, payload);
        if (frame.get(ENCODING) == 0) {
            frame.putInt(PLAIN_LENGTH, payload).putInt(PLAIN_CHECKSUM, crc(frame.array(), HEADER));
        }
    }

    private byte[] digestBefore() {
        byte[] digest = new byte[DIGEST];
        if (!frames.isEmpty() && frames.getFirst().length >= HEADER + DIGEST_AT + DIGEST) {
            System.arraycopy(frames.getFirst(), HEADER + DIGEST_AT, digest, 0, DIGEST);
        }
        return digest;
    }

    static byte[] next(byte[] digest, byte[] frame) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(digest);
            return sha.digest(frame);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static int crc(byte[] bytes, int from) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, bytes.length - from);
        return (int) crc.getValue();
    }

    static int checksum(byte[] frame) {
        CRC32C crc = new CRC32C();
        crc.update(frame, 0, CHECKSUM);
        crc.update(frame, HEADER, frame.length - HEADER);
        return (int) crc.getValue();
    }
}

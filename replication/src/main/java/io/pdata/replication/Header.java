package io.pdata.replication;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * What a stream begins with. Source: docs/replication.md.
 *
 * @param volume what the stream is of
 * @param position where the stream begins: what is before it has been received already
 * @param digest of the frames that came before this stream; {@link Digest#START} if there were none
 * @param total about how many bytes of data are to come
 */
record Header(SentVolume volume, long position, String digest, long total) {
    private static final int VERSION = 1;
    private static final UUID NONE = new UUID(0, 0);
    private static final int LONGEST_NAME = 1024;
    private static final int FIXED = 4 + 4 + 8 + 16 + 16 + 8 + Digest.BYTES + 8;

    byte[] bytes() {
        byte[] name = volume.name().getBytes(StandardCharsets.UTF_8);
        byte[] baseName = volume.baseName().getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(FIXED + 2 + name.length + 2 + baseName.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(VERSION).putInt(0).putLong(volume.size());
        put(out, volume.content());
        put(out, volume.base());
        out.putLong(position).put(Digest.bytes(digest)).putLong(total);
        out.putShort((short) name.length).put(name);
        out.putShort((short) baseName.length).put(baseName);
        return out.array();
    }

    /** @throws TransferException if this is none, or of another version */
    static Header read(ByteBuffer in) {
        try {
            int version = in.getInt();
            if (version != VERSION || in.getInt() != 0) {
                throw new TransferException("the stream is of version " + Integer.toUnsignedString(version)
                        + ", and this program knows " + VERSION);
            }
            long size = in.getLong();
            UUID content = new UUID(in.getLong(), in.getLong());
            UUID base = orNull(new UUID(in.getLong(), in.getLong()));
            long position = in.getLong();
            byte[] digest = new byte[Digest.BYTES];
            in.get(digest);
            long total = in.getLong();
            SentVolume volume = new SentVolume(string(in), size, content, string(in), base);
            return new Header(volume, position, Digest.hex(digest), total).checked(in);
        } catch (BufferUnderflowException e) {
            throw new TransferException("the stream is damaged: its first frame is too short", e);
        }
    }

    private Header checked(ByteBuffer rest) {
        if (!SentVolume.isSize(volume.size()) || position < 0 || position > volume.size() || total < 0
                || volume.content().equals(NONE) || rest.hasRemaining()) {
            throw new TransferException("the stream is damaged: its first frame says what cannot be");
        }
        return this;
    }

    private static String string(ByteBuffer in) {
        int length = Short.toUnsignedInt(in.getShort());
        if (length > LONGEST_NAME) {
            throw new TransferException("the stream is damaged: a name of " + length + " bytes");
        }
        byte[] text = new byte[length];
        in.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    static void put(ByteBuffer out, UUID id) {
        UUID written = id == null ? NONE : id;
        out.putLong(written.getMostSignificantBits()).putLong(written.getLeastSignificantBits());
    }

    static UUID orNull(UUID read) {
        return read.equals(NONE) ? null : read;
    }

    /** Whether something of the volume has been received before. */
    boolean goesOn() {
        return position > 0 || !digest.equals(Digest.START);
    }

    /** The token with which this stream was asked for, if it was. */
    ResumeToken resumedFrom() {
        return new ResumeToken(volume.content(), volume.base(), volume.size(), position, digest);
    }
}

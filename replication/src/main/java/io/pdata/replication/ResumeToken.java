package io.pdata.replication;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * How much of a stream has been received: for the sender, so that it goes on there.
 *
 * @param content what is being received
 * @param base what it is received as changes to; null if it comes whole
 * @param size the size of the volume, in bytes
 * @param position everything before it is there, in bytes
 * @param digest of all frames until then; 32 bytes in hexadecimal digits
 */
public record ResumeToken(UUID content, UUID base, long size, long position, String digest) {
    private static final String PREFIX = "pds1.";
    private static final int BYTES = 16 + 16 + 8 + 8 + Digest.BYTES;

    /**
     * Reads a token as {@link #text} writes it.
     *
     * @throws TransferException if it is none
     */
    public static ResumeToken parse(String text) {
        byte[] bytes = decode(text);
        if (bytes.length != BYTES + Integer.BYTES) {
            throw wrong(text);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (in.getInt(BYTES) != checksum(bytes)) {
            throw wrong(text);
        }
        UUID content = new UUID(in.getLong(), in.getLong());
        UUID base = Header.orNull(new UUID(in.getLong(), in.getLong()));
        long size = in.getLong();
        long position = in.getLong();
        byte[] digest = new byte[Digest.BYTES];
        in.get(digest);
        if (!SentVolume.isSize(size) || position < 0 || position > size) {
            throw wrong(text);
        }
        return new ResumeToken(content, base, size, position, Digest.hex(digest));
    }

    private static byte[] decode(String text) {
        if (!text.startsWith(PREFIX)) {
            throw wrong(text);
        }
        try {
            return Base64.getUrlDecoder().decode(text.substring(PREFIX.length()));
        } catch (IllegalArgumentException e) {
            throw wrong(text);
        }
    }

    private static TransferException wrong(String text) {
        return new TransferException("'" + text + "' is no token to resume with: copy it as it was printed");
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, BYTES);
        return (int) crc.getValue();
    }

    /** The token as a word of letters, digits, dots, minus signs and underscores. */
    public String text() {
        byte[] bytes = new byte[BYTES + Integer.BYTES];
        ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        Header.put(out, content);
        Header.put(out, base);
        out.putLong(size).putLong(position).put(Digest.bytes(digest));
        out.putInt(checksum(bytes));
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Whether this says how much there is of a volume. */
    boolean isOf(SentVolume volume) {
        return content.equals(volume.content()) && size == volume.size()
                && (base == null ? volume.base() == null : base.equals(volume.base()));
    }
}

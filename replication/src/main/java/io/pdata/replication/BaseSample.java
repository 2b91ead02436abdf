package io.pdata.replication;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * A few bytes of the base of an incremental stream, as their SHA-256: the receiver compares it with what it has, because the
 * name of a content is only the sender's word.
 *
 * @param position in bytes
 * @param length in bytes, at most {@value #MOST_BYTES}
 * @param digest the SHA-256 of the bytes
 */
public record BaseSample(long position, int length, byte[] digest) {
    static final int MOST_BYTES = 64 << 10;
    /** How many a stream may have. */
    static final int MOST = 1024;
    static final int DIGEST_BYTES = 32;

    /** The sample of bytes that have been read. */
    static BaseSample of(long position, byte[] bytes) {
        return new BaseSample(position, bytes.length, sha256(bytes));
    }

    /** Whether bytes at the same position are the same. */
    boolean matches(byte[] bytes) {
        return Arrays.equals(digest, sha256(bytes));
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}

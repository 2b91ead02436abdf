package io.pdata.replication;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The checksum of a whole stream: after each frame the SHA-256 of what it was before and of the frame. So 32 bytes are
 * all that has to be kept to go on with it another day. Not thread-safe.
 */
final class Digest {
    static final int BYTES = 32;
    /** Before the first frame. */
    static final String START = "0".repeat(2 * BYTES);

    private final MessageDigest sha;
    private byte[] value;

    /** @param value what it is so far, in hexadecimal digits */
    Digest(String value) {
        try {
            this.sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
        this.value = bytes(value);
    }

    void add(byte[] frame, int length) {
        sha.update(value);
        sha.update(frame, 0, length);
        value = sha.digest();
    }

    /** In hexadecimal digits. */
    String value() {
        return hex(value);
    }

    static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}

package io.pdata.nbd;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads certificates and private keys from text files.
 *
 * <p>Java knows private keys as PKCS #8 only. An RSA key as PKCS #1 (RFC 8017, appendix A.1.2) and one of an elliptic curve
 * as SEC 1 (RFC 5915, section 3), as certtool writes them, are wrapped into that (RFC 5208, section 5).
 */
final class Pem {
    private static final long MOST_BYTES = 1 << 20;
    private static final Pattern KEY = Pattern
            .compile("-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----(?<base64>[^-]*)-----END \\1PRIVATE KEY-----");
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

    private static final int INTEGER = 0x02;
    private static final int OCTETS = 0x04;
    private static final int SEQUENCE = 0x30;
    private static final int CURVE = 0xa0;
    private static final byte[] VERSION_0 = {INTEGER, 1, 0};
    /** The identifier 1.2.840.113549.1.1.1, and a NULL for its parameters. */
    private static final byte[] RSA = {0x06, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0};
    /** The identifier 1.2.840.10045.2.1; the curve follows. */
    private static final byte[] ELLIPTIC_CURVE = {0x06, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};

    private Pem() {}

    static List<Certificate> certificates(Path file) throws IOException {
        requireSmall(file);
        try (InputStream in = Files.newInputStream(file)) {
            List<Certificate> all = List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in));
            if (all.isEmpty()) {
                throw new IOException(file + ": no certificate in it");
            }
            return all;
        } catch (CertificateException e) {
            throw new IOException(file + ": not a certificate: " + e.getMessage(), e);
        }
    }

    static PrivateKey privateKey(Path file) throws IOException {
        requireSmall(file);
        Matcher found = KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        if (!found.find()) {
            throw new IOException(file + ": no private key in it");
        }
        String kind = found.group(1).strip();
        try {
            byte[] der = Base64.getMimeDecoder().decode(found.group("base64"));
            return switch (kind) {
            case "" -> key(file, der);
            case "RSA" -> key(file, wrapped(RSA, der));
            case "EC" -> key(file, wrapped(join(ELLIPTIC_CURVE, curveOf(file, der)), der));
            default -> throw new IOException(file + ": a private key of the kind '" + kind + "', which cannot be used");
            };
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": not a private key: " + e.getMessage(), e);
        }
    }

    private static void requireSmall(Path file) throws IOException {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new IOException(file + ": too large for certificates or a key");
            }
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": there is no such file", e);
        }
    }

    private static PrivateKey key(Path file, byte[] pkcs8) throws IOException {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (GeneralSecurityException e) {
                continue; // a key of another algorithm
            }
        }
        throw new IOException(file + ": a private key of none of the kinds " + String.join(", ", ALGORITHMS));
    }

    private static byte[] wrapped(byte[] algorithm, byte[] key) {
        return element(SEQUENCE, join(VERSION_0, element(SEQUENCE, algorithm), element(OCTETS, key)));
    }

    /** The name of the curve: what the element with the tag [0] holds, among those of the key. */
    private static byte[] curveOf(Path file, byte[] key) throws IOException {
        int at = contentOf(key, 0);
        while (at < key.length) {
            int begin = contentOf(key, at);
            int end = begin + lengthOf(key, at);
            if ((key[at] & 0xff) == CURVE && end <= key.length) {
                return Arrays.copyOfRange(key, begin, end);
            }
            at = end;
        }
        throw new IOException(file + ": a private key that does not say which curve it is of");
    }

    /** The length of an element's content; keys are far below 64 KiB. */
    private static int lengthOf(byte[] der, int at) {
        int first = byteAt(der, at + 1);
        return switch (first) {
        case 0x81 -> byteAt(der, at + 2);
        case 0x82 -> byteAt(der, at + 2) << 8 | byteAt(der, at + 3);
        default -> first & 0x7f;
        };
    }

    private static int contentOf(byte[] der, int at) {
        int first = byteAt(der, at + 1);
        return at + 2 + (first > 0x80 ? first - 0x80 : 0);
    }

    private static int byteAt(byte[] der, int at) {
        if (at >= der.length) {
            throw new IllegalArgumentException("it ends too early");
        }
        return der[at] & 0xff;
    }

    private static byte[] element(int tag, byte[] content) {
        byte[] length = content.length < 0x80
                ? new byte[]{(byte) content.length}
                : content.length < 0x100
                        ? new byte[]{(byte) 0x81, (byte) content.length}
                        : new byte[]{(byte) 0x82, (byte) (content.length >> 8), (byte) content.length};
        return join(new byte[]{(byte) tag}, length, content);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}

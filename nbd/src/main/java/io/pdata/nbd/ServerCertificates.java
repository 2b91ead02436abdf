package io.pdata.nbd;

import io.pdata.core.device.ErrorText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/**
 * A server's certificates, its key, and the authorities of its clients, in files of a folder. When the files change, new
 * connections use the new ones; those that cannot be used are reported, and the previous ones stay in use. Thread-safe.
 */
final class ServerCertificates {
    private static final String CERTIFICATE = "server-cert.pem";
    private static final String KEY = "server-key.pem";
    private static final List<String> FILES = List.of(Tls.AUTHORITY, CERTIFICATE, KEY);
    private static final long CHECK_NANOS = Duration.ofSeconds(1).toNanos();

    private final Path folder;
    private final boolean verifyClients;
    private SSLContext context;
    /** Of the files that were looked at last, whether they could be used or not. */
    private List<Version> versions;
    private long checked;

    /** What tells one content of a file from another; null where there is no file. */
    private record Version(FileTime changed, long size, Object key) {}

    /** @throws IOException if one of the files cannot be read or used; the message names it */
    ServerCertificates(Path folder, boolean verifyClients) throws IOException {
        this.folder = folder;
        this.verifyClients = verifyClients;
        this.versions = versions();
        this.context = load();
        this.checked = System.nanoTime();
    }

    /** For a new connection; looks for changed files, at most once a second. */
    synchronized SSLContext current(Consumer<String> log) {
        if (System.nanoTime() - checked >= CHECK_NANOS) {
            reload(log);
            checked = System.nanoTime();
        }
        return context;
    }

    private void reload(Consumer<String> log) {
        try {
            List<Version> now = versions();
            if (!now.equals(versions)) {
                versions = now;
                context = load();
                log.accept("the certificates in " + folder + " have changed: new connections use the new ones");
            }
        } catch (IOException e) {
            log.accept("the certificates in " + folder + " have changed, and cannot be used: " + ErrorText.of(e)
                    + "; the previous ones stay in use");
        }
    }

    private List<Version> versions() throws IOException {
        List<Version> found = new ArrayList<>();
        for (String name : FILES) {
            try {
                BasicFileAttributes file = Files.readAttributes(folder.resolve(name), BasicFileAttributes.class);
                found.add(new Version(file.lastModifiedTime(), file.size(), file.fileKey()));
            } catch (NoSuchFileException e) {
                found.add(null);
            }
        }
        return found;
    }

    private SSLContext load() throws IOException {
        List<Certificate> own = Pem.certificates(folder.resolve(CERTIFICATE));
        PrivateKey key = Pem.privateKey(folder.resolve(KEY));
        Path authority = folder.resolve(Tls.AUTHORITY);
        List<Certificate> authorities = verifyClients || Files.exists(authority)
                ? Pem.certificates(authority)
                : List.of();
        try {
            requirePair(own.getFirst().getPublicKey(), key);
            return Tls.context(own, key, Tls.unnamed(Tls.managers(authorities)));
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    folder + ": " + CERTIFICATE + " and " + KEY + " cannot be used: " + ErrorText.of(e), e);
        }
    }

    /** While files are replaced one after the other, a certificate may be there with the key of another. */
    private static void requirePair(PublicKey certified, PrivateKey key) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
        case "RSA" -> "SHA256withRSA";
        case "EC" -> "SHA256withECDSA";
        case "EdDSA" -> "EdDSA";
        default -> null;
        };
        if (algorithm == null) {
            return; // a handshake will tell
        }
        byte[] text = "pair".getBytes(StandardCharsets.US_ASCII);
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(text);
        byte[] signature = signing.sign();
        Signature verifying = Signature.getInstance(algorithm);
        verifying.initVerify(certified);
        verifying.update(text);
        if (!verifying.verify(signature)) {
            throw new GeneralSecurityException("the key is not that of the certificate");
        }
    }
}

package io.pdata.nbd;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whether and how connections are encrypted, with TLS 1.2 or later and certificates on both sides. Thread-safe.
 *
 * <p>Source: doc/proto.md, section "TLS support"; the names of the files are those that qemu, nbdkit and libnbd use.
 */
public final class Tls {
    static final String AUTHORITY = "ca-cert.pem";
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    private static final char[] NO_PASSWORD = {};

    private static final Tls NONE = new Tls(Mode.NOTLS, null, false);

    /** Who decides. */
    public enum Mode {
        /** There is no TLS. */
        NOTLS,
        /** The client, but for exports that are not to be had without: {@link Exports#needsTls}. */
        SELECTIVE,
        /** The server: nothing is said before TLS has begun. */
        FORCED
    }

    private final Mode mode;
    private final ServerCertificates certificates;
    private final boolean verifyClients;

    private Tls(Mode mode, ServerCertificates certificates, boolean verifyClients) {
        this.mode = mode;
        this.certificates = certificates;
        this.verifyClients = verifyClients;
    }

    /** No TLS. */
    public static Tls none() {
        return NONE;
    }

    /**
     * TLS with what a folder holds: {@code ca-cert.pem}, certificates that clients' certificates are to be signed with;
     * {@code server-cert.pem}, the server's own, and those that lead from it to one that clients know, if need be;
     * {@code server-key.pem}, its private key, which must not be encrypted.
     *
     * <p>The files are looked at again when a client connects: if they have changed, new connections use the new ones.
     *
     * @param verifyClients whether clients have to have a certificate; without it {@code ca-cert.pem} is not needed
     * @throws IOException if one of them cannot be read or used; it says which, and why
     */
    public static Tls load(Path folder, Mode mode, boolean verifyClients) throws IOException {
        if (mode == Mode.NOTLS) {
            return NONE;
        }
        return new Tls(mode, new ServerCertificates(folder, verifyClients), verifyClients);
    }

    /**
     * What connections are made with.
     *
     * @param own the certificates to show, the first with the key; none without one
     */
    static SSLContext context(List<Certificate> own, PrivateKey key, TrustManager[] trusted)
            throws GeneralSecurityException, IOException {
        KeyStore keys = emptyStore();
        if (!own.isEmpty()) {
            keys.setKeyEntry("own", key, NO_PASSWORD, own.toArray(Certificate[]::new));
        }
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(keys, NO_PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trusted, null);
        return context;
    }

    /** Who trusts what some authorities have signed; null: those that Java knows. */
    static TrustManager[] managers(List<Certificate> authorities) throws GeneralSecurityException, IOException {
        KeyStore trusted = null;
        if (authorities != null) {
            trusted = emptyStore();
            for (int i = 0; i < authorities.size(); i++) {
                trusted.setCertificateEntry("authority " + i, authorities.get(i));
            }
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        return managers.getTrustManagers();
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    static TrustManager[] unnamed(TrustManager[] managers) {
        return Arrays.stream(managers).map(X509ExtendedTrustManager.class::cast).map(UnnamedAuthorities::new)
                .toArray(TrustManager[]::new);
    }

    /** Who decides. */
    public Mode mode() {
        return mode;
    }

    /**
     * The server's side of TLS over a channel; its handshake has yet to be done.
     *
     * @param log receives a line if the certificates have changed
     */
    TlsChannel over(ByteChannel channel, Consumer<String> log) {
        SSLEngine engine = certificates.current(log).createSSLEngine();
        engine.setUseClientMode(false);
        engine.setNeedClientAuth(verifyClients);
        onlyNewProtocols(engine);
        return new TlsChannel(channel, engine, "client");
    }

    /** TLS 1.2 and later. */
    static void onlyNewProtocols(SSLEngine engine) {
        List<String> supported = Arrays.asList(engine.getSupportedProtocols());
        engine.setEnabledProtocols(Arrays.stream(PROTOCOLS).filter(supported::contains).toArray(String[]::new));
    }
}

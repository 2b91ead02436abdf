package io.pdata.nbd;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * The client's side of TLS. A folder may hold {@code ca-cert.pem}, certificates that the server's is to be signed with, and
 * {@code client-cert.pem} with {@code client-key.pem}, for servers that want to know their clients.
 */
final class ClientTls {
    private static final String CERTIFICATE = "client-cert.pem";
    private static final String KEY = "client-key.pem";

    private ClientTls() {}

    /**
     * TLS over a channel; the handshake has yet to be done.
     *
     * @param folder null: the authorities are those that Java knows
     * @param hostname what the server's certificate has to be for; null: for anything
     * @throws IOException if a file cannot be read or used; it says which, and why
     */
    static TlsChannel over(ByteChannel channel, Path folder, String hostname) throws IOException {
        SSLContext context = context(folder);
        SSLEngine engine = hostname == null ? context.createSSLEngine() : context.createSSLEngine(hostname, -1);
        engine.setUseClientMode(true);
        Tls.onlyNewProtocols(engine);
        if (hostname != null) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the names in a certificate, as RFC 2818 has it
            engine.setSSLParameters(parameters);
        }
        return new TlsChannel(channel, engine, "server");
    }

    private static SSLContext context(Path folder) throws IOException {
        try {
            if (folder == null) {
                return Tls.context(List.of(), null, Tls.managers(null));
            }
            boolean own = Files.exists(folder.resolve(CERTIFICATE));
            List<Certificate> certificates = own ? Pem.certificates(folder.resolve(CERTIFICATE)) : List.of();
            PrivateKey key = own ? Pem.privateKey(folder.resolve(KEY)) : null;
            return Tls.context(certificates, key, Tls.managers(Pem.certificates(folder.resolve(Tls.AUTHORITY))));
        } catch (GeneralSecurityException e) {
            throw new IOException(folder + ": " + CERTIFICATE + " and " + KEY + " cannot be used: " + e.getMessage(),
                    e);
        }
    }
}

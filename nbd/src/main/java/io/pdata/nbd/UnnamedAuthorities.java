package io.pdata.nbd;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts whom another trusts, but does not tell clients which authorities these are. A client that is told compares what
 * it has with that, and GnuTLS 3.7, the library of qemu and libnbd, finds no RSA certificate then: it looks for RSA among
 * the kinds of signatures that the server takes, where TLS 1.3 as Java speaks it has RSA-PSS only.
 */
final class UnnamedAuthorities extends X509ExtendedTrustManager {
    private static final X509Certificate[] NONE = {};

    private final X509ExtendedTrustManager trusted;

    UnnamedAuthorities(X509ExtendedTrustManager trusted) {
        this.trusted = trusted;
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return NONE;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        trusted.checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        trusted.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        trusted.checkClientTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        trusted.checkServerTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        trusted.checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        trusted.checkServerTrusted(chain, type);
    }
}

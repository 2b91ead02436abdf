package io.pdata.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * An authority that signs certificates, made by openssl: folders with {@code ca-cert.pem} and the certificates and keys of a
 * server, a client or both, under the names that qemu and libnbd look for.
 */
public final class Certificates {
    private final Path folder;

    /** Makes an authority of its own, in a folder that is not there yet. */
    public Certificates(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        NbdClients.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=authority", "-days",
                "2", "-keyout", folder.resolve("ca-key.pem"), "-out", folder.resolve("ca-cert.pem")).succeeded();
    }

    /** The folder with the authority's certificate, and those it has signed. */
    public Path folder() {
        return folder;
    }

    /** Signs a server's certificate, for {@code localhost}. */
    public Certificates server() {
        return signed("server", 2);
    }

    /** Signs a client's certificate. */
    public Certificates client() {
        return signed("client", 2);
    }

    /** Signs a client's certificate whose time is over. */
    public Certificates expiredClient() {
        return signed("client", -1);
    }

    private Certificates signed(String who, int days) {
        Path request = folder.resolve(who + ".csr");
        Path names = folder.resolve(who + ".ext");
        try {
            Files.writeString(names, "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        NbdClients.run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + who, "-keyout",
                folder.resolve(who + "-key.pem"), "-out", request).succeeded();
        NbdClients.run("openssl", "x509", "-req", "-in", request, "-CA", folder.resolve("ca-cert.pem"), "-CAkey",
                folder.resolve("ca-key.pem"), "-CAcreateserial", "-days", days, "-extfile", names, "-out",
                folder.resolve(who + "-cert.pem")).succeeded();
        return this;
    }

    /** A folder with what another authority has signed for a client, and this one's certificate to know the server by. */
    public Path clientOf(Certificates other, Path target) {
        try {
            Files.createDirectories(target);
            Files.copy(folder.resolve("ca-cert.pem"), target.resolve("ca-cert.pem"),
                    StandardCopyOption.REPLACE_EXISTING);
            for (String name : new String[]{"client-cert.pem", "client-key.pem"}) {
                Files.copy(other.folder.resolve(name), target.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A folder with nothing but the authority's certificate. */
    public Path authorityOnly(Path target) {
        try {
            Files.createDirectories(target);
            Files.copy(folder.resolve("ca-cert.pem"), target.resolve("ca-cert.pem"),
                    StandardCopyOption.REPLACE_EXISTING);
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.pdata.cli.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.testkit.Certificates;
import io.pdata.testkit.NbdClients;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server as a process, and libnbd's programs over TLS: what its options promise, and what it says to paste. */
@Timeout(120)
class ServeTlsTest {
    private static final int SIZE = 10 << 20;

    @TempDir
    static Path shared;

    private static Certificates ours;
    private static Path strangersClient;
    private static Path noClient;

    @TempDir
    Path temporary;

    private Path pool;

    @BeforeAll
    static void makeCertificates() {
        NbdClients.need("openssl");
        NbdClients.need("nbdinfo");
        NbdClients.need("nbdcopy");
        ours = new Certificates(shared.resolve("ours")).server().client();
        strangersClient = ours.clientOf(new Certificates(shared.resolve("other")).client(), shared.resolve("stranger"));
        noClient = ours.authorityOnly(shared.resolve("none"));
    }

    @BeforeEach
    void setUp() {
        pool = temporary.resolve("pool");
    }

    private ServerProcess serve(String mode, String... more) throws IOException {
        String[] arguments = {pool.toString(), "--listen", "127.0.0.1:0", "--listen",
            "unix:" + pool.resolve("nbd.sock"),
            "--size", Integer.toString(SIZE), "--data-size", "100M", "--tls", mode, "--tls-certificates",
            ours.folder().toString()};
        String[] all = Stream.of(arguments, more).flatMap(Stream::of).toArray(String[]::new);
        return new ServerProcess(temporary, all);
    }

    /** The first URI that the server has said to paste. */
    private static String uri(ServerProcess server, Path certificates) {
        String line = server.announced().stream().filter(each -> each.startsWith("  nbdinfo '")).findFirst()
                .orElseThrow();
        return line.substring("  nbdinfo '".length(), line.length() - 1).replace("CERTIFICATES",
                certificates.toString());
    }

    private static int nbdinfo(String uri) {
        return NbdClients.run("nbdinfo", "--size", uri).status();
    }

    @Test
    void dataGoesBothWaysOverWhatTheServerSaysToPaste() throws Exception {
        Path from = temporary.resolve("from");
        try (RandomAccessFile file = new RandomAccessFile(from.toFile(), "rw")) {
            byte[] bytes = new byte[3 << 20];
            new Random(1).nextBytes(bytes);
            file.write(bytes);
            file.setLength(SIZE);
        }
        Path to = temporary.resolve("to");
        try (ServerProcess server = serve("require")) {
            String uri = uri(server, ours.folder());
            assertThat(uri).startsWith("nbds://127.0.0.1:");
            assertThat(NbdClients.run("nbdinfo", uri).succeeded().output()).contains("with TLS", "export=\"vol0\"");
            NbdClients.run("nbdcopy", "--flush", from, uri).succeeded();
            NbdClients.run("nbdcopy", uri, to).succeeded();
            assertThat(Files.mismatch(from, to)).isEqualTo(-1);
            String unix = "nbds+unix:///vol0?socket=" + pool.resolve("nbd.sock") + "&tls-hostname=localhost"
                    + "&tls-certificates=" + ours.folder();
            assertThat(nbdinfo(unix)).isZero();
            assertThat(server.terminate()).isZero();
        }
    }

    @Test
    void whoHasNoCertificateOfOursIsNotLetIn() throws Exception {
        try (ServerProcess server = serve("require")) {
            assertThat(nbdinfo(uri(server, ours.folder()))).isZero();
            assertThat(nbdinfo(uri(server, strangersClient))).isNotZero();
            assertThat(nbdinfo(uri(server, noClient))).isNotZero();
            assertThat(nbdinfo("nbd+unix:///vol0?socket=" + pool.resolve("nbd.sock"))).isNotZero();
        }
    }

    @Test
    void certificatesOfClientsAreNotAskedForIfNotWanted() throws Exception {
        try (ServerProcess server = serve("require", "--tls-any-client")) {
            assertThat(nbdinfo(uri(server, noClient))).isZero();
        }
    }

    @Test
    void theClientDecidesWhereTlsIsOn() throws Exception {
        try (ServerProcess server = serve("on")) {
            String plain = uri(server, ours.folder());
            assertThat(plain).startsWith("nbd://127.0.0.1:");
            assertThat(nbdinfo(plain)).isZero();
            assertThat(nbdinfo(plain.replace("nbd://", "nbds://") + "?tls-certificates=" + ours.folder())).isZero();
            assertThat(NbdClients.run("nbdinfo", plain).output()).contains("without TLS");
        }
    }
}

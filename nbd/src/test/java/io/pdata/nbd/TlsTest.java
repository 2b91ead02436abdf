package io.pdata.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.MemoryDevice;
import io.pdata.testkit.Certificates;
import io.pdata.testkit.NbdClients;
import io.pdata.testkit.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encrypted connections, as clients that others have written see them. */
@Timeout(60)
class TlsTest {
    private static final Limits LIMITS = Limits.defaults();

    @TempDir
    static Path shared;

    private static Certificates ours;
    private static Path strangersClient;
    private static Path expiredClient;
    private static Path noClient;

    @TempDir
    Path folder;

    private final TestExports exports = new TestExports();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private NbdServer server;
    private Path socket;
    private InetSocketAddress tcp;

    @BeforeAll
    static void makeCertificates() {
        NbdClients.need("openssl");
        ours = new Certificates(shared.resolve("ours")).server().client();
        strangersClient = ours.clientOf(new Certificates(shared.resolve("other")).client(), shared.resolve("stranger"));
        noClient = ours.authorityOnly(shared.resolve("none"));
        expiredClient = shared.resolve("ours-expired");
        Path made = ours.clientOf(ours, shared.resolve("keep"));
        ours.expiredClient();
        ours.clientOf(ours, expiredClient);
        for (String name : List.of("client-cert.pem", "client-key.pem")) {
            assertThat(made.resolve(name).toFile().renameTo(ours.folder().resolve(name).toFile())).isTrue();
        }
    }

    @BeforeEach
    void devices() {
        exports.devices.put("secret", new MemoryDevice("secret", TestExports.SIZE));
        exports.needsTls = "secret";
    }

    private void serve(Tls.Mode mode, boolean verifyClients) throws IOException {
        serve(Tls.load(ours.folder(), mode, verifyClients), LIMITS);
    }

    private void serve(Tls tls, Limits limits) throws IOException {
        server = new NbdServer(exports, limits, tls, complaints::add);
        socket = folder.resolve("nbd.sock");
        server.listen(socket);
        tcp = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void end() throws IOException {
        if (server != null) {
            server.close();
            assertThat(exports.open).hasValue(0);
        }
    }

    private String uri(String export, Path certificates) {
        return "nbds://localhost:" + tcp.getPort() + "/" + export + "?tls-certificates=" + certificates;
    }

    private String unixUri(String scheme, String export) {
        return scheme + "+unix:///" + export + "?socket=" + socket
                + (scheme.equals("nbds") ? "&tls-hostname=localhost&tls-certificates=" + ours.folder() : "");
    }

    @Test
    void nbdinfoSeesEverythingOverTls() throws IOException {
        serve(Tls.Mode.FORCED, true);
        String json = NbdClients.run("nbdinfo", "--json", "--list", uri("", ours.folder())).succeeded().output();
        assertThat(json).contains("\"TLS\": true", "\"export-name\": \"disk\"", "\"export-name\": \"secret\"");
        assertThat(NbdClients.run("nbdinfo", "--size", unixUri("nbds", "secret")).succeeded().output().strip())
                .isEqualTo("1048576");
        assertThat(complaints).isEmpty();
    }

    @Test
    void dataGoesBothWays() throws IOException {
        serve(Tls.Mode.FORCED, true);
        NbdClients.shell("-c", """
                h.set_uri_allow_local_file(True)
                h.connect_uri('%s')
                assert h.get_tls_negotiated()
                assert h.get_structured_replies_negotiated()
                data = bytes(range(256)) * 3000
                h.pwrite(data, 5)
                assert h.pread(len(data), 5) == data
                h.flush()
                h.shutdown()
                """.formatted(uri("disk", ours.folder()))).succeeded();
        assertThat(complaints).isEmpty();
    }

    @Test
    void qemuReadsAndWrites() throws IOException {
        serve(Tls.Mode.FORCED, true);
        String credentials = "tls-creds-x509,id=tls0,endpoint=client,dir=" + ours.folder();
        String image = "driver=nbd,host=localhost,port=" + tcp.getPort() + ",export=disk,tls-creds=tls0";
        assertThat(NbdClients.run("qemu-img", "info", "--object", credentials, "--image-opts", image).succeeded()
                .output()).contains("virtual size: 1 MiB");
        assertThat(NbdClients.run("qemu-io", "--object", credentials, "--image-opts", image, "-c",
                "write -P 0x5a 1000 300000", "-c", "flush", "-c", "read -P 0x5a 1000 300000").succeeded().output())
                .doesNotContain("failed");
    }

    @Test
    void olderTlsIsSpokenTooButNotTheOldest() throws IOException {
        serve(Tls.Mode.FORCED, true);
        String image = "driver=nbd,host=localhost,port=" + tcp.getPort() + ",export=disk,tls-creds=tls0";
        String credentials = "tls-creds-x509,id=tls0,endpoint=client,dir=" + ours.folder()
                + ",priority=NORMAL:-VERS-ALL:";
        NbdClients.run("qemu-img", "info", "--object", credentials + "+VERS-TLS1.2", "--image-opts", image).succeeded();
        assertThat(NbdClients.run("qemu-img", "info", "--object", credentials + "+VERS-TLS1.1", "--image-opts", image)
                .status()).isNotZero();
    }

    // ---- who is let in ----

    @Test
    void aClientWithoutACertificateIsRefused() throws IOException {
        serve(Tls.Mode.FORCED, true);
        refused(noClient, "certificate");
    }

    @Test
    void aClientWithACertificateOfAnotherAuthorityIsRefused() throws IOException {
        serve(Tls.Mode.FORCED, true);
        refused(strangersClient, "trust anchors");
    }

    @Test
    void aClientWhoseCertificateHasExpiredIsRefused() throws IOException {
        serve(Tls.Mode.FORCED, true);
        refused(expiredClient, "validity check failed");
    }

    private void refused(Path certificates, String reason) throws IOException {
        assertThat(NbdClients.run("nbdinfo", uri("disk", certificates)).status()).isNotZero();
        assertThat(complaint()).contains("client").contains(reason);
    }

    @Test
    void aClientNeedsNoCertificateIfNobodyAsks() throws IOException {
        serve(Tls.Mode.FORCED, false);
        NbdClients.run("nbdinfo", "--size", uri("disk", noClient)).succeeded();
        assertThat(complaints).isEmpty();
    }

    /** What the server says of the only client there was. */
    private String complaint() {
        while (complaints.isEmpty()) {
            Thread.onSpinWait();
        }
        assertThat(complaints).hasSize(1);
        return complaints.getFirst();
    }

    // ---- modes ----

    @Test
    void aServerThatWantsTlsTellsNothingWithout() throws IOException {
        serve(Tls.Mode.FORCED, true);
        for (String arguments : List.of("--list", "--size")) {
            Outcome plain = NbdClients.run("nbdinfo", arguments, unixUri("nbd", "disk") + "&tls=off");
            assertThat(plain.status()).isNotZero();
            assertThat(plain.output()).doesNotContain("disk").doesNotContain("secret");
        }
        Outcome plain = NbdClients.run("qemu-img", "info", "nbd+unix:///disk?socket=" + socket);
        assertThat(plain.errors()).contains("TLS");
    }

    @Test
    void whereTlsIsAtTheClientsChoiceSomeExportsNeedIt() throws IOException {
        serve(Tls.Mode.SELECTIVE, true);
        String plain = NbdClients.run("nbdinfo", "--list", unixUri("nbd", "")).succeeded().output();
        assertThat(plain).contains("export=\"disk\"").doesNotContain("secret");
        Outcome refused = NbdClients.run("qemu-img", "info", "nbd+unix:///secret?socket=" + socket);
        assertThat(refused.status()).isNotZero();
        assertThat(refused.errors()).contains("TLS");
        assertThat(NbdClients.run("nbdinfo", "--list", uri("", ours.folder())).succeeded().output())
                .contains("export=\"disk\"", "export=\"secret\"");
        NbdClients.run("nbdinfo", "--size", uri("secret", ours.folder())).succeeded();
    }

    @Test
    void aClientThatWantsTlsGetsNothingWhereThereIsNone() throws IOException {
        serve(Tls.none(), LIMITS);
        Outcome refused = NbdClients.run("nbdinfo", uri("disk", ours.folder()));
        assertThat(refused.status()).isNotZero();
    }

    // ---- those who do not speak it ----

    @Test
    void garbageInsteadOfAHandshakeEndsTheConnection() throws IOException {
        serve(Tls.Mode.FORCED, true);
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            startTls(client);
            client.write(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".repeat(100).getBytes()));
            drain(client);
        }
        assertThat(complaint()).contains("a client on a Unix socket: Unrecognized SSL message");
    }

    @Test
    void silenceInsteadOfAHandshakeIsNotWaitedForLong() throws IOException {
        serve(Tls.load(ours.folder(), Tls.Mode.FORCED, true), LIMITS.withHandshake(Duration.ofMillis(300)));
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            startTls(client);
            drain(client);
        }
    }

    @Test
    void whatIsSentInPlainBehindTheRequestForTlsIsNotTaken() throws IOException {
        serve(Tls.Mode.SELECTIVE, true);
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            ByteBuffer both = ByteBuffer.allocate(100).putInt(1);
            both.putLong(Protocol.OPTION_MAGIC).putInt(Protocol.OPT_STARTTLS).putInt(0);
            both.putLong(Protocol.OPTION_MAGIC).putInt(Protocol.OPT_STRUCTURED_REPLY).putInt(0);
            client.write(both.flip());
            drain(client);
        }
        assertThat(complaint()).contains("before TLS began");
    }

    private static void startTls(SocketChannel client) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(20).putInt(1);
        client.write(start.putLong(Protocol.OPTION_MAGIC).putInt(Protocol.OPT_STARTTLS).putInt(0).flip());
        ByteBuffer answer = ByteBuffer.allocate(18 + 20);
        while (answer.hasRemaining() && client.read(answer) >= 0) {
            continue;
        }
        assertThat(answer.getInt(18 + 12)).isEqualTo(Protocol.REP_ACK);
    }

    /** Takes what comes until the server ends the connection. */
    private static void drain(SocketChannel client) {
        ByteBuffer rest = ByteBuffer.allocate(4096);
        try {
            while (client.read(rest.clear()) >= 0) {
                continue;
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    // ---- files ----

    @ParameterizedTest
    @ValueSource(strings = {"genrsa 2048", "genrsa -traditional 2048", "ecparam -name prime256v1 -genkey",
        "ecparam -name secp384r1 -genkey -noout", "genpkey -algorithm ed25519",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"})
    void privateKeysOfAllKindsAreRead(String command) throws IOException {
        Path key = folder.resolve("server-key.pem");
        Files.writeString(key, NbdClients.run("openssl", (Object[]) command.split(" ")).succeeded().output());
        NbdClients.run("openssl", "req", "-x509", "-key", key, "-subj", "/CN=localhost", "-days", "2", "-addext",
                "subjectAltName=DNS:localhost", "-out", folder.resolve("server-cert.pem")).succeeded();
        Files.copy(folder.resolve("server-cert.pem"), folder.resolve("ca-cert.pem"));
        serve(Tls.load(folder, Tls.Mode.FORCED, false), LIMITS);
        NbdClients.run("nbdinfo", "--size", uri("disk", folder)).succeeded();
    }

    @Test
    @Timeout(60)
    void filesThatHaveChangedAreUsedForNewConnections() throws Exception {
        Path served = Files.createDirectory(folder.resolve("served"));
        Certificates others = new Certificates(folder.resolve("others")).server().client();
        copyPems(ours.folder(), served);
        serve(Tls.load(served, Tls.Mode.FORCED, true), LIMITS);
        NbdClients.run("nbdinfo", "--size", uri("disk", ours.folder())).succeeded();
        Path key = served.resolve("server-key.pem");
        Files.writeString(key, "not a key");
        Thread.sleep(1100);
        NbdClients.run("nbdinfo", "--size", uri("disk", ours.folder())).succeeded();
        assertThat(complaints).hasSize(1).first().asString()
                .contains("cannot be used", key + ": no private key in it", "the previous ones stay in use");
        copyPems(others.folder(), served);
        Thread.sleep(1100);
        NbdClients.run("nbdinfo", "--size", uri("disk", others.folder())).succeeded();
        assertThat(complaints).hasSize(2).last().asString().contains("new connections use the new ones");
        Files.copy(ours.folder().resolve("server-key.pem"), key, StandardCopyOption.REPLACE_EXISTING);
        Thread.sleep(1100);
        NbdClients.run("nbdinfo", "--size", uri("disk", others.folder())).succeeded();
        assertThat(complaints).hasSize(3).last().asString().contains("the key is not that of the certificate");
        complaints.clear();
    }

    private static void copyPems(Path from, Path to) throws IOException {
        for (String name : List.of("ca-cert.pem", "server-cert.pem", "server-key.pem")) {
            Files.copy(from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Test
    void filesThatCannotBeUsedAreNamed() throws IOException {
        assertThatThrownBy(() -> Tls.load(folder, Tls.Mode.FORCED, true)).isInstanceOf(IOException.class)
                .hasMessageContaining(folder.resolve("server-cert.pem") + ": there is no such file");
        Files.copy(ours.folder().resolve("server-cert.pem"), folder.resolve("server-cert.pem"));
        Path key = folder.resolve("server-key.pem");
        for (String content : List.of("", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
                "-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----",
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----")) {
            Files.writeString(key, content);
            assertThatThrownBy(() -> Tls.load(folder, Tls.Mode.FORCED, true)).isInstanceOf(IOException.class)
                    .hasMessageContaining(key.toString());
        }
        Files.copy(ours.folder().resolve("server-key.pem"), key, StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> Tls.load(folder, Tls.Mode.FORCED, true)).isInstanceOf(IOException.class)
                .hasMessageContaining("ca-cert.pem: there is no such file");
        Files.writeString(folder.resolve("ca-cert.pem"), "no certificate");
        assertThatThrownBy(() -> Tls.load(folder, Tls.Mode.FORCED, true)).isInstanceOf(IOException.class)
                .hasMessageContaining("ca-cert.pem");
    }
}

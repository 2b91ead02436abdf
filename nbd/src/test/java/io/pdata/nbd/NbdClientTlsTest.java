package io.pdata.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.Device;
import io.pdata.testkit.Certificates;
import io.pdata.testkit.NbdClients;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the client writes over TLS arrives, and to whom it does not know it writes nothing. */
@Timeout(60)
class NbdClientTlsTest {
    @TempDir
    static Path shared;

    private static Certificates ours;
    private static Certificates others;

    @TempDir
    Path folder;

    private final TestExports exports = new TestExports();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private NbdServer server;
    private Path socket;
    private int port;

    @BeforeAll
    static void makeCertificates() {
        NbdClients.need("openssl");
        ours = new Certificates(shared.resolve("ours")).server().client();
        others = new Certificates(shared.resolve("others")).client();
    }

    private void serve(Tls tls) throws IOException {
        server = new NbdServer(exports, Limits.defaults(), tls, complaints::add);
        socket = folder.resolve("nbd.sock");
        server.listen(socket);
        port = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).getPort();
    }

    @AfterEach
    void end() throws IOException {
        server.close();
    }

    private String tcp(String host, Path certificates) {
        return "nbds://" + host + ":" + port + "/disk?tls-certificates=" + certificates;
    }

    private String unix(String more) {
        return "nbds+unix:///disk?socket=" + socket + "&tls-certificates=" + ours.folder() + more;
    }

    private void write(String uri, int value) throws IOException {
        byte[] bytes = new byte[300_000];
        Arrays.fill(bytes, (byte) value);
        try (NbdClient client = NbdClient.connect(uri)) {
            assertThat(client.size()).isEqualTo(TestExports.SIZE);
            client.write(4096, bytes, 0, bytes.length);
            client.zero(8192, 4096);
            client.flush();
        }
        Device device = exports.devices.get("disk");
        byte[] now = new byte[bytes.length];
        device.read(4096, MemorySegment.ofArray(now));
        Arrays.fill(bytes, 4096, 8192, (byte) 0);
        assertThat(now).isEqualTo(bytes);
    }

    private void refused(String uri, String why) {
        assertThatThrownBy(() -> NbdClient.connect(uri)).isInstanceOf(IOException.class).hasMessageContaining(why);
    }

    @Test
    void whatIsWrittenArrives() throws IOException {
        serve(Tls.load(ours.folder(), Tls.Mode.FORCED, true));
        write(tcp("localhost", ours.folder()), 1);
        write(tcp("127.0.0.1", ours.folder()), 2);
        write(unix(""), 3);
        write(unix("&tls-hostname=localhost"), 4);
        assertThat(complaints).isEmpty();
    }

    @Test
    void aServerThatIsNotTheOneThatWasMeantGetsNothing() throws IOException {
        serve(Tls.load(ours.folder(), Tls.Mode.FORCED, false));
        write(tcp("localhost", ours.authorityOnly(folder.resolve("authority"))), 1);
        refused(tcp("localhost", others.folder()), "TLS: ");
        refused(tcp("localhost", others.folder()).replaceFirst("\\?.*", ""), "TLS: ");
        refused(unix("&tls-hostname=elsewhere"), "elsewhere");
        refused(tcp("localhost", ours.folder()) + "&tls-hostname=elsewhere", "elsewhere");
    }

    @Test
    void aClientThatTheServerDoesNotKnowIsRefused() throws IOException {
        serve(Tls.load(ours.folder(), Tls.Mode.FORCED, true));
        refused(tcp("localhost", ours.authorityOnly(folder.resolve("authority"))), "nbds://");
        refused(tcp("localhost", ours.clientOf(others, folder.resolve("stranger"))), "nbds://");
    }

    @Test
    void whoAsksForTlsDoesNotGoWithoutAndTheOtherWayRound() throws IOException {
        serve(Tls.none());
        refused(tcp("localhost", ours.folder()), "refuses TLS");
        server.close();
        serve(Tls.load(ours.folder(), Tls.Mode.FORCED, true));
        refused("nbd+unix:///disk?socket=" + socket, "it wants TLS");
        refused(unix("&tls-psk-file=keys"), "'tls-psk-file' is not known");
        refused("nbds+unix:///disk?socket=" + socket + "&tls-certificates=" + folder, "ca-cert.pem");
        refused("nbds+unix:///disk?tls-certificates=" + folder, "no address");
        refused("nbds://localhost/disk?tls-certificates=%00", "no address");
    }
}

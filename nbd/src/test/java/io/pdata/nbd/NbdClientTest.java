package io.pdata.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.Device;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the client writes is in the device that the server serves. */
class NbdClientTest {
    @TempDir
    Path folder;

    private final TestExports exports = new TestExports();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final NbdServer server = new NbdServer(exports, Limits.defaults(), complaints::add);
    private Path socket;

    @BeforeEach
    void serve() throws IOException {
        socket = folder.resolve("nbd.sock");
        server.listen(socket);
    }

    @AfterEach
    void end() throws IOException {
        server.close();
        assertThat(complaints).isEmpty();
    }

    private byte[] content() {
        Device device = exports.devices.get("disk");
        byte[] bytes = new byte[(int) device.size()];
        device.read(0, MemorySegment.ofArray(bytes));
        return bytes;
    }

    private void writeAndZero(String uri) throws IOException {
        byte[] expected = new byte[TestExports.SIZE];
        Arrays.fill(expected, 512, 200_000, (byte) 7);
        Arrays.fill(expected, 4096, 100_000, (byte) 0);
        try (NbdClient client = NbdClient.connect(uri)) {
            assertThat(client.size()).isEqualTo(TestExports.SIZE);
            assertThat(client.readOnly()).isFalse();
            byte[] sevens = new byte[200_000];
            Arrays.fill(sevens, (byte) 7);
            client.write(512, sevens, 0, 200_000 - 512);
            client.zero(4096, 100_000 - 4096);
            client.flush();
            assertThat(content()).isEqualTo(expected);
        }
    }

    @Test
    void overAUnixSocketAsTheUriSpecificationHasIt() throws IOException {
        writeAndZero("nbd+unix:///disk?socket=" + socket);
    }

    @Test
    void overAUnixSocketAsQemuHasIt() throws IOException {
        writeAndZero("nbd:unix:" + socket + ":exportname=disk");
        writeAndZero("nbd:unix:" + socket);
    }

    @Test
    void overTcp() throws IOException {
        InetSocketAddress address = server.listen(new InetSocketAddress("127.0.0.1", 0));
        writeAndZero("nbd://127.0.0.1:" + address.getPort() + "/disk");
    }

    @Test
    void whatTheServerRefusesIsSaid() throws IOException {
        assertThatThrownBy(() -> NbdClient.connect("nbd+unix:///none?socket=" + socket))
                .isInstanceOf(IOException.class).hasMessageContaining("no such export");
        try (NbdClient client = NbdClient.connect("nbd+unix:///disk?socket=" + socket)) {
            assertThatThrownBy(() -> client.write(TestExports.SIZE - 10, new byte[512], 0, 512))
                    .isInstanceOf(IOException.class).hasMessageContaining("no space left");
        }
    }

    @Test
    void whatIsNoAddressIsRefused() {
        for (String wrong : List.of("nbd://", "nbd+unix:///disk", "http://host/", "nbd://a b/")) {
            assertThatThrownBy(() -> NbdClient.connect(wrong)).isInstanceOf(IOException.class)
                    .hasMessageContaining("no address");
        }
        assertThatThrownBy(() -> NbdClient.connect("nbd+unix:///disk?socket=" + folder.resolve("none")))
                .isInstanceOf(IOException.class);
    }
}

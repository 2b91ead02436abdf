package io.pdata.interop.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.FileDevice;
import io.pdata.replication.Extraction;
import io.pdata.replication.ImageOptions;
import io.pdata.replication.ImageSource;
import io.pdata.replication.NbdTarget;
import io.pdata.replication.Progress;
import io.pdata.testkit.Certificates;
import io.pdata.testkit.NbdClients;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.Volume;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Volumes are extracted into exports of servers that others have written, and read back from there by others. */
@Timeout(120)
class ExtractToServersTest {
    private static final int MIB = 1 << 20;
    private static final int SIZE = 12 * MIB;

    @TempDir
    Path folder;

    private final byte[] content = new byte[SIZE];
    private Process server;

    @BeforeEach
    void makeAPool() throws IOException {
        try (NamedPool pool = NamedPool.create(folder.resolve("pool"), new NamedPool.Geometry(64L * MIB, 4L * MIB, 128),
                PoolOptions.defaults(), PoolEvents.NONE)) {
            pool.createVolume("disk", SIZE);
            SplittableRandom random = new SplittableRandom(9);
            try (Volume volume = pool.open("disk")) {
                for (int at = 5000; at < SIZE - MIB; at += 3 * MIB) {
                    byte[] piece = new byte[700_000];
                    random.nextBytes(piece);
                    System.arraycopy(piece, 0, content, at, piece.length);
                    volume.write(at, MemorySegment.ofArray(piece));
                }
            }
        }
    }

    @AfterEach
    void endServer() throws InterruptedException {
        if (server != null) {
            server.destroy();
            server.waitFor();
        }
    }

    /** Starts a server in the foreground; returns when it listens. */
    private void serve(Path socket, Object... command) throws IOException, InterruptedException {
        NbdClients.need(command[0].toString());
        server = new ProcessBuilder(List.of(command).stream().map(Object::toString).toList()).inheritIO().start();
        while (!Files.exists(socket)) {
            assertThat(server.isAlive()).isTrue();
            Thread.sleep(5);
        }
    }

    private Extraction.Report extract(String uri) {
        try (ImageSource source = ImageSource.open(folder.resolve("pool/metadata"), folder.resolve("pool/data"), 0, -1,
                new ImageOptions(true, false, SIZE, null)); NbdTarget target = new NbdTarget(uri)) {
            return Extraction.extract(source, target, false, Progress.NONE);
        }
    }

    /** What was there before is overwritten, with zeroes where the volume has none. */
    private Path oldImage() throws IOException {
        byte[] old = new byte[SIZE];
        new SplittableRandom(1).nextBytes(old);
        return Files.write(folder.resolve("old.img"), old);
    }

    @Test
    void qemuNbdHasAllOfTheVolume() throws IOException, InterruptedException {
        Path socket = folder.resolve("sock");
        Path image = oldImage();
        serve(socket, "qemu-nbd", "-t", "-f", "raw", "-x", "disk", "-k", socket, image);
        assertThat(extract("nbd+unix:///disk?socket=" + socket).lostBytes()).isZero();
        Path copy = folder.resolve("copy.img");
        NbdClients.run("nbdcopy", "nbd+unix:///disk?socket=" + socket, copy).succeeded();
        assertThat(Files.readAllBytes(copy)).isEqualTo(content);
        assertThatThrownBy(() -> extract("nbd+unix:///none?socket=" + socket)).hasMessageContaining("no such export");
    }

    /** Which knows no commands but plain writes, if it is told so. */
    @Test
    void nbdkitHasAllOfTheVolume() throws IOException, InterruptedException {
        Path socket = folder.resolve("sock");
        serve(socket, "nbdkit", "-f", "-U", socket, "--filter=nozero", "file", oldImage());
        extract("nbd:unix:" + socket + ":exportname=");
        Path copy = folder.resolve("copy.img");
        NbdClients.run("qemu-img", "convert", "-O", "raw", "nbd+unix:///?socket=" + socket, copy).succeeded();
        assertThat(Files.readAllBytes(copy)).isEqualTo(content);
    }

    @Test
    void nbdkitGetsTheVolumeOverTls() throws IOException, InterruptedException {
        Path socket = folder.resolve("sock");
        Path image = oldImage();
        NbdClients.need("openssl");
        Certificates certificates = new Certificates(folder.resolve("pki")).server().client();
        serve(socket, "nbdkit", "-f", "-U", socket, "--tls=require", "--tls-verify-peer",
                "--tls-certificates=" + certificates.folder(), "file", image);
        assertThatThrownBy(() -> extract("nbd+unix:///?socket=" + socket)).hasMessageContaining("TLS");
        extract("nbds+unix:///?socket=" + socket + "&tls-hostname=localhost&tls-certificates=" + certificates.folder());
        assertThat(Files.readAllBytes(image)).isEqualTo(content);
    }

    /** Which has TLS over TCP only. */
    @Test
    void qemuNbdGetsTheVolumeOverTls() throws IOException, InterruptedException {
        Path image = oldImage();
        NbdClients.need("openssl");
        Certificates certificates = new Certificates(folder.resolve("pki")).server().client();
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path ready = folder.resolve("pid");
        serve(ready, "qemu-nbd", "-t", "-f", "raw", "-x", "disk", "-b", "127.0.0.1", "-p", port, "--pid-file", ready,
                "--object", "tls-creds-x509,id=tls0,endpoint=server,verify-peer=on,dir=" + certificates.folder(),
                "--tls-creds", "tls0", image);
        extract("nbds://localhost:" + port + "/disk?tls-certificates=" + certificates.folder());
        server.destroy();
        server.waitFor();
        assertThat(Files.readAllBytes(image)).isEqualTo(content);
    }

    @Test
    void anExportThatIsTooSmallIsRefused() throws IOException, InterruptedException {
        Path socket = folder.resolve("sock");
        Path image = folder.resolve("small.img");
        FileDevice.create(image, SIZE - 512).close();
        serve(socket, "nbdkit", "-f", "-U", socket, "file", image);
        assertThatThrownBy(() -> extract("nbd+unix:///?socket=" + socket)).hasMessageContaining("the export has");
    }
}

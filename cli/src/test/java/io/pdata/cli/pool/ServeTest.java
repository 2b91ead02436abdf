package io.pdata.cli.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.server.PoolFolder;
import io.pdata.server.PoolService;
import io.pdata.testkit.NbdClients;
import io.pdata.testkit.Outcome;
import io.pdata.thin.pool.PoolOptions;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server as a process: from its start to its end, whichever that is. */
class ServeTest {
    @TempDir
    Path temporary;

    private Path pool;
    private String listen;
    private String uri;

    @BeforeEach
    void setUp() {
        pool = temporary.resolve("pool");
        listen = "unix:" + pool.resolve("nbd.sock");
        uri = "nbd+unix:///vol0?socket=" + pool.resolve("nbd.sock");
    }

    private ServerProcess serve(String... more) throws IOException {
        String[] arguments = new String[3 + more.length];
        arguments[0] = pool.toString();
        arguments[1] = "--listen";
        arguments[2] = listen;
        System.arraycopy(more, 0, arguments, 3, more.length);
        return new ServerProcess(temporary, arguments);
    }

    @Test
    void aNewPoolIsServedUntilTheServerIsToldToStop() throws Exception {
        NbdClients.need("nbdinfo");
        try (ServerProcess server = serve("--size", "100M", "--data-size", "200M")) {
            assertThat(server.announced()).first().asString()
                    .isEqualTo("made a pool in " + pool + " with one volume, vol0");
            assertThat(server.announced()).contains("listening on " + listen, "  nbdinfo '" + uri + "'");
            assertThat(NbdClients.run("nbdinfo", "--size", uri).output()).isEqualTo("104857600\n");
            assertThat(server.terminate()).as(server.log()).isZero();
            assertThat(server.log()).contains("stopping", "stopped");
        }
        assertThat(pool.resolve("nbd.sock")).doesNotExist();
        assertThat(pool.resolve("control.sock")).doesNotExist();
    }

    /** TCP would let every user of the machine in, and be taken by the next pool. */
    @Test
    void byDefaultOnlyThisUserCanConnectAndPoolsDoNotDisturbEachOther() throws Exception {
        NbdClients.need("nbdinfo");
        try (ServerProcess first = new ServerProcess(temporary, "one", "--data-size", "200M");
                ServerProcess second = new ServerProcess(temporary, "two", "--data-size", "200M")) {
            for (ServerProcess server : List.of(first, second)) {
                assertThat(server.announced()).filteredOn(line -> line.startsWith("listening on ")).hasSize(1)
                        .first().asString().matches("listening on unix:(one|two)/nbd.sock");
            }
            for (String name : List.of("one", "two")) {
                NbdClients.run("nbdinfo", "--size",
                        "nbd+unix:///vol0?socket=" + temporary.resolve(name).resolve("nbd.sock")).succeeded();
            }
        }
    }

    @Test
    void nothingIsLeftIfAnAddressCannotBeBound() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            Path deep = temporary.resolve("new/deep/pool");
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            int status = PoolMain.run(new String[]{"serve", deep.toString(), "--data-size", "200M", "--listen",
                "unix:" + deep.resolve("nbd.sock"), "--listen", address}, System.out, new PrintStream(err, true));
            assertThat(status).isEqualTo(1);
            assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("pdata: " + address)
                    .endsWith("; --listen takes other addresses\n");
            assertThat(temporary.resolve("new")).doesNotExist();
        }
    }

    @Test
    void aServerThatWasKilledBeforeItCreatedThePoolHasLeftAFreeFolder() throws Exception {
        Files.createDirectory(pool);
        try (ServerSocketChannel old = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            old.bind(UnixDomainSocketAddress.of(pool.resolve("nbd.sock")));
        }
        try (ServerProcess server = serve("--data-size", "200M")) {
            assertThat(server.announced()).as(server.log()).contains("listening on " + listen);
        }
    }

    /** Standard error is a pipe that is not read, and clients cause more lines than it has room for. */
    @Test
    void aLogThatIsNotReadHoldsUpNeitherClientsNorTheEnd() throws Exception {
        NbdClients.need("nbdinfo");
        Process process = new ProcessBuilder(ServerProcess.command("serve", pool.toString(), "--data-size", "200M"))
                .directory(temporary.toFile()).start();
        try {
            BufferedReader out = process.inputReader();
            while (!out.readLine().startsWith("  nbd-client ")) {
                continue;
            }
            NbdClients.shell("-c", """
                    import socket
                    for i in range(3000):
                        s = socket.socket(socket.AF_UNIX)
                        s.connect('%s')
                        s.send(b'\\0' * 3 + b'\\1' + b'IHAVEOPT' + bytes([0, 0, 0, 1, 0, 0, 15, 160]) + b'x' * 4000)
                        while s.recv(4096): pass
                    h.connect_uri('%s')
                    h.pwrite(b'x' * 65536, 0)
                    h.flush()
                    h.shutdown()
                    """.formatted(pool.resolve("nbd.sock"), uri)).succeeded();
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    /** A server with too little memory for its clients refuses them, and serves those that come when they have gone. */
    @Test
    void clientsThatDoNotReadUseUpTheMemoryAndNotTheServer() throws Exception {
        NbdClients.need("nbdinfo");
        List<String> small = List.of("-Xmx24m", "-XX:MaxDirectMemorySize=4m");
        List<String> command = new ArrayList<>(ServerProcess.command("serve", pool.toString(), "--data-size", "200M",
                "--size", "64M", "--listen", listen, "--listen", "127.0.0.1:0"));
        command.addAll(1, small);
        Path errors = temporary.resolve("errors");
        Process process = new ProcessBuilder(command).directory(temporary.toFile()).redirectError(errors.toFile())
                .start();
        try {
            BufferedReader out = process.inputReader();
            while (!out.readLine().startsWith("  nbd-client ")) {
                continue;
            }
            NbdClients.shell("-c", """
                    clients = []
                    for i in range(100):
                        client = nbd.NBD()
                        client.set_export_name('vol0')
                        try:
                            client.connect_unix('%s')
                            for j in range(8): client.aio_pread(nbd.Buffer(1 << 20), 0)
                            clients.append(client)
                        except nbd.Error: pass
                    """.formatted(pool.resolve("nbd.sock"))).succeeded();
            for (int i = 0; i < 5; i++) {
                NbdClients.run("nbdinfo", "--size", uri).succeeded();
            }
            assertThat(new PoolFolder(pool).connect().orElseThrow().status().mode()).isEqualTo("rw");
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
            assertThat(Files.readString(errors)).contains("out of memory").doesNotContain("java.", "Exception");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aSecondServerIsRefused() throws Exception {
        try (ServerProcess server = serve("--data-size", "200M")) {
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            int status = PoolMain.run(new String[]{"serve", pool.toString(), "--listen", "127.0.0.1:0"}, System.out,
                    new PrintStream(err, true));
            assertThat(status).isEqualTo(1);
            assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo(
                    "pdata: " + pool + ": is being served already, by process " + server.pid() + "\n");
        }
    }

    @Test
    void afterAKillTheNextServerStartsAtOnceAndHasAllThatWasAcknowledged() throws Exception {
        NbdClients.need("nbdinfo");
        String write = "h.connect_uri(uri)\nfor i in range(50): h.pwrite(bytes([i + 1]) * 4096, i * 200000)";
        String read = "h.connect_uri(uri)\nfor i in range(50):"
                + " assert h.pread(4096, i * 200000) == bytearray([i + 1]) * 4096, i";
        try (ServerProcess server = serve("--size", "100M", "--data-size", "200M")) {
            assertRuns("uri = '" + uri + "'\n" + write);
            server.kill();
        }
        assertThat(pool.resolve("nbd.sock")).as("left behind").exists();
        assertThat(pool.resolve("control.sock")).as("left behind").exists();
        try (ServerProcess again = serve()) {
            assertRuns("uri = '" + uri + "'\n" + read);
            try (PoolService service = new PoolFolder(pool).open(PoolOptions.defaults())) {
                assertThat(service.status().serverPid()).isEqualTo(again.pid());
                assertThat(service.check().clean()).isTrue();
            }
            assertThat(again.terminate()).isZero();
        }
    }

    private static void assertRuns(String script) {
        Outcome outcome = NbdClients.shell("-c", script);
        assertThat(outcome.status()).as(outcome.output()).isZero();
    }

    @Test
    void aClientThatRetriesNeverLearnsThatItsServerWasKilled() throws Exception {
        NbdClients.need("nbdinfo");
        Path ready = temporary.resolve("ready");
        Path go = temporary.resolve("go");
        // A client that connects again and repeats what was not answered, as QEMU, nbdkit and nbd-client do.
        String script = """
                import os, time
                uri = '%s'
                def attempt(what):
                    global c
                    while True:
                        try:
                            return what(c)
                        except nbd.Error:
                            time.sleep(0.05)
                            c = nbd.NBD()
                            try:
                                c.connect_uri(uri)
                            except nbd.Error:
                                pass
                c = nbd.NBD()
                c.connect_uri(uri)
                for i in range(400):
                    attempt(lambda c: c.pwrite(bytes([i %% 255 + 1]) * 512, i * 70000))
                    if i == 100:
                        open('%s', 'w').close()
                    if i == 150:
                        while not os.path.exists('%s'):
                            time.sleep(0.01)
                for i in range(400):
                    assert attempt(lambda c: c.pread(512, i * 70000)) == bytearray([i %% 255 + 1]) * 512, i
                """.formatted(uri, ready, go);
        Thread client;
        Outcome[] outcome = new Outcome[1];
        try (ServerProcess server = serve("--size", "100M", "--data-size", "200M")) {
            client = Thread.ofPlatform().start(() -> outcome[0] = NbdClients.shell("-c", script));
            while (!Files.exists(ready) && client.isAlive()) {
                Thread.sleep(10);
            }
            server.kill();
        }
        try (ServerProcess _ = serve()) {
            Files.createFile(go);
            client.join();
        }
        assertThat(outcome[0].status()).as(outcome[0].output()).isZero();
    }
}

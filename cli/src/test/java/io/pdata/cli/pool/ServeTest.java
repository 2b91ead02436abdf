package io.pdata.cli.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.server.PoolFolder;
import io.pdata.server.PoolService;
import io.pdata.testkit.NbdClients;
import io.pdata.testkit.Outcome;
import io.pdata.thin.pool.PoolOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

package io.pdata.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.pdata.testkit.NbdScript;
import io.pdata.testkit.NbdTranscript;
import io.pdata.testkit.ScriptedChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that want more time, places, options or memory than they may have. */
@Timeout(60)
class HandshakeLimitsTest {
    private static final int FIXED = 1;

    @TempDir
    Path folder;

    private final TestExports exports = new TestExports();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final List<SocketChannel> clients = new ArrayList<>();
    private NbdServer server;
    private Path socket;
    private InetSocketAddress tcp;

    private void serve(Exports served, Limits limits) throws IOException {
        server = new NbdServer(served, limits, complaints::add);
        socket = folder.resolve("s");
        server.listen(socket);
        tcp = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void end() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
        if (server != null) {
            server.close();
            assertThat(exports.open).hasValue(0);
        }
    }

    private SocketChannel connect(SocketAddress address) throws IOException {
        SocketChannel client = SocketChannel.open(address);
        clients.add(client);
        return client;
    }

    private String unix() {
        return "nbd+unix:///disk?socket=" + socket;
    }

    private String overTcp() {
        return "nbd://127.0.0.1:" + tcp.getPort() + "/disk";
    }

    // ---- places ----

    @Test
    void clientsThatOnlyConnectKeepNoOtherOut() throws IOException {
        serve(exports, Limits.defaults().withConnections(4));
        for (int i = 0; i < 400; i++) {
            connect(tcp);
        }
        try (NbdClient local = NbdClient.connect(unix()); NbdClient remote = NbdClient.connect(overTcp())) {
            local.write(0, new byte[512], 0, 512);
            remote.write(0, new byte[512], 0, 512);
        }
        assertThat(complaints).anyMatch(line -> line.startsWith("client 127.0.0.1:")
                && line.contains("disconnected during the handshake to make room"));
    }

    @Test
    void thePlacesOfTcpAndOfUnixSocketsAreApart() throws IOException {
        serve(exports, Limits.defaults().withConnections(2));
        try (NbdClient _ = NbdClient.connect(overTcp()); NbdClient _ = NbdClient.connect(overTcp())) {
            assertThat(catchThrowable(() -> NbdClient.connect(overTcp())))
                    .hasMessageContaining("all places for clients are taken: the limit is 2");
            try (NbdClient _ = NbdClient.connect(unix()); NbdClient _ = NbdClient.connect(unix())) {
                assertThat(catchThrowable(() -> NbdClient.connect(unix()))).hasMessageContaining("the limit is 2");
            }
        }
        awaitNoConnections();
        NbdClient.connect(overTcp()).close();
    }

    private void awaitNoConnections() {
        while (server.connections() > 0) {
            Thread.onSpinWait();
        }
    }

    // ---- time ----

    @Test
    void aClientThatSendsAByteNowAndThenIsDisconnected() throws Exception {
        serve(exports, Limits.defaults().withHandshake(Duration.ofMillis(500)));
        SocketChannel client = connect(tcp);
        byte[] script = new NbdScript(FIXED).option(3, new byte[60_000]).bytes();
        assertThat(catchThrowable(() -> {
            for (byte one : script) {
                client.write(ByteBuffer.wrap(new byte[]{one}));
                Thread.sleep(20);
            }
        })).isInstanceOf(IOException.class);
        assertThat(complaints).hasSize(1).first().asString()
                .endsWith("disconnected: the handshake took longer than 500 ms");
    }

    @Test
    void aClientThatDoesNotReadAnswersIsDisconnected() throws Exception {
        for (int i = 0; i < 5000; i++) {
            exports.devices.put("export" + i, exports.devices.get("disk"));
        }
        serve(exports, Limits.defaults().withHandshake(Duration.ofMillis(500)));
        NbdScript lists = new NbdScript(FIXED);
        for (int i = 0; i < 100; i++) {
            lists.option(3);
        }
        connect(tcp).write(ByteBuffer.wrap(lists.bytes()));
        while (complaints.isEmpty()) {
            Thread.sleep(20);
        }
        assertThat(complaints.getFirst()).endsWith("disconnected: the handshake took longer than 500 ms");
    }

    /** A flush may take longer than a client may. */
    @Test
    void timeThatTheServerTakesIsNotCounted() throws IOException {
        Exports slow = new Exports() {
            @Override
            public List<String> names() {
                return exports.names();
            }

            @Override
            public Optional<Export> open(String name) {
                try {
                    Thread.sleep(1500);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return exports.open(name);
            }
        };
        serve(slow, Limits.defaults().withHandshake(Duration.ofMillis(700)));
        NbdClient.connect(unix()).close();
        assertThat(complaints).isEmpty();
    }

    // ---- options ----

    private NbdTranscript send(NbdScript script) throws IOException {
        try (NbdServer alone = new NbdServer(exports, Limits.defaults(), complaints::add)) {
            ScriptedChannel channel = new ScriptedChannel(script.bytes(), 1 << 20);
            alone.serve(channel);
            return new NbdTranscript(channel.output());
        }
    }

    @Test
    void optionsAboutExportsMayBeAsManyAsExportsNeedAndOthersMayNot() throws IOException {
        NbdScript lists = new NbdScript(FIXED);
        NbdScript questions = new NbdScript(FIXED);
        for (int i = 0; i < 300; i++) {
            lists.option(3);
            questions.choose(6, "disk");
        }
        assertThat(send(lists).replies().stream().filter(reply -> reply.type() == 1)).hasSize(256);
        assertThat(send(questions).replies().stream().filter(reply -> reply.type() == 1)).hasSize(256 + 8);
        assertThat(complaints).containsExactly("a client: more than 256 options", "a client: more than 264 options");
        for (int i = 0; i < 10; i++) {
            exports.devices.put("export" + i, exports.devices.get("disk"));
        }
        assertThat(send(questions).replies().stream().filter(reply -> reply.type() == 1)).hasSize(300);
    }

    /** As long as options say how long they are, each gets an answer, and the client can still choose an export. */
    @Test
    void optionsWithAnyContentDoNotEndTheConversation() throws IOException {
        for (long seed = 0; seed < 3000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            NbdScript script = new NbdScript(FIXED);
            int options = 1 + random.nextInt(20);
            for (int i = 0; i < options; i++) {
                script.option(anOption(random), content(random));
            }
            NbdTranscript transcript = send(script.option(3));
            assertThat(transcript.replies().getLast().type()).as("seed %d", seed).isEqualTo(Protocol.REP_ACK);
            assertThat(exports.open).as("seed %d", seed).hasValue(0);
        }
        assertThat(complaints).isEmpty();
    }

    /** Any but the two that end the conversation, and the one that could. */
    private static int anOption(SplittableRandom random) {
        int option = random.nextInt(4) == 0 ? random.nextInt() : 3 + random.nextInt(12);
        return option == Protocol.OPT_GO || option == Protocol.OPT_ABORT || option == Protocol.OPT_EXPORT_NAME
                ? Protocol.OPT_INFO
                : option;
    }

    /** Lengths and counts that are too small, too large, negative or right, and names with anything in them. */
    private static byte[] content(SplittableRandom random) {
        byte[] name = random.nextBoolean() ? "disk".getBytes(StandardCharsets.UTF_8) : new byte[random.nextInt(300)];
        ByteBuffer content = ByteBuffer.allocate(name.length + 16 + random.nextInt(100));
        content.putInt(random.nextInt(3) > 0 ? name.length : random.nextInt()).put(name);
        content.putInt(random.nextInt(3) > 0 ? random.nextInt(5) : random.nextInt());
        content.putShort((short) random.nextInt());
        byte[] rest = new byte[content.remaining()];
        random.nextBytes(rest);
        byte[] all = content.put(rest).array();
        return Arrays.copyOf(all, random.nextInt(8) > 0 ? all.length : random.nextInt(all.length + 70_000));
    }

    @Test
    void namesCannotForgeLinesOfTheLog() throws IOException {
        send(new NbdScript(FIXED).option(1, "a\nb\u001b[31m\u202e".getBytes(StandardCharsets.UTF_8)));
        send(new NbdScript(FIXED).option(1, "x".repeat(4000).getBytes(StandardCharsets.UTF_8)));
        assertThat(complaints).hasSize(2).first().asString().endsWith("'a\\x0ab\\x1b[31m\\u202e'");
        assertThat(complaints.getLast()).hasSizeLessThan(1100).endsWith("...");
    }
}

package io.pdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that must not block the control socket for others, and servers that must not block their clients. */
@Timeout(60)
class ControlServerTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path folder;

    private Path socket;
    private LocalPool pool;
    private ControlServer server;
    private final List<SocketChannel> clients = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        socket = folder.resolve("control.sock");
        pool = new LocalPool(NamedPool.create(folder.resolve("pool"), new NamedPool.Geometry(64 * MIB, 4 * MIB, 128),
                PoolOptions.defaults(), PoolEvents.NONE));
        server = ControlServer.start(socket, pool, _ -> {});
    }

    @AfterEach
    void stop() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
        server.close();
        pool.close();
    }

    private SocketChannel client() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        clients.add(channel);
        return channel;
    }

    private void idleClients(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            client();
        }
    }

    private static String restOf(SocketChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        while (channel.read(bytes) >= 0) {
            assertThat(bytes.hasRemaining()).isTrue();
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }

    @Test
    void theSocketIsItsOwnersOnly() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket))).isEqualTo("rw-------");
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("control.sock",
                    "pool");
        }
    }

    @Test
    void idleClientsAreDroppedForNewOnesAndToldWhy() throws IOException {
        SocketChannel first = client();
        idleClients(ControlServer.MOST_CLIENTS - 1);
        for (int i = 0; i < 20; i++) {
            try (RemotePool remote = RemotePool.connect(socket)) {
                assertThat(remote.status().volumes()).isZero();
            }
        }
        assertThat(restOf(first)).contains("BUSY", "idle");
    }

    @Test
    void clientsThatDoNotReadTheirAnswersAreDroppedToo() throws Exception {
        pool.createVolume("a-volume-with-a-name-that-makes-the-answers-long", MIB);
        byte[] request = "{\"version\":1,\"command\":\"volumes\"}\n".repeat(5000).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < ControlServer.MOST_CLIENTS; i++) {
            SocketChannel unread = client();
            unread.configureBlocking(false);
            unread.write(ByteBuffer.wrap(request));
        }
        for (int i = 0; i < 20; i++) {
            try (RemotePool remote = RemotePool.connect(socket)) {
                assertThat(remote.volumes()).hasSize(1);
                break;
            } catch (ServiceException e) {
                assertThat(e.code()).isEqualTo("BUSY"); // as long as all of them still have answers to get
                Thread.sleep(100);
            }
        }
        long start = System.nanoTime();
        server.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void whenNoClientIsIdleTheNextOneIsToldSo() throws Exception {
        CountDownLatch working = new CountDownLatch(ControlServer.MOST_CLIENTS);
        CountDownLatch mayEnd = new CountDownLatch(1);
        PoolService slow = (PoolService) Proxy.newProxyInstance(PoolService.class.getClassLoader(),
                new Class<?>[]{PoolService.class}, (_, method, _) -> {
                    working.countDown();
                    assertThat(mayEnd.await(30, TimeUnit.SECONDS)).isTrue();
                    return pool.unfinished();
                });
        Path other = folder.resolve("slow.sock");
        try (ControlServer _ = ControlServer.start(other, slow, _ -> {})) {
            List<CompletableFuture<Void>> requests = new ArrayList<>();
            for (int i = 0; i < ControlServer.MOST_CLIENTS; i++) {
                requests.add(CompletableFuture.runAsync(() -> {
                    try (RemotePool remote = RemotePool.connect(other)) {
                        remote.unfinished();
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                }, work -> Thread.ofPlatform().daemon().start(work)));
            }
            assertThat(working.await(30, TimeUnit.SECONDS)).isTrue();
            try (RemotePool remote = RemotePool.connect(other)) {
                assertThatThrownBy(remote::status).isInstanceOfSatisfying(ServiceException.class,
                        e -> assertThat(e.code()).isEqualTo("BUSY")).hasMessageContaining("try again later");
            }
            mayEnd.countDown();
            for (CompletableFuture<Void> request : requests) {
                request.get(30, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void aRequestThatIsTooLongIsAnswered() throws IOException {
        SocketChannel client = client();
        ByteBuffer line = ByteBuffer.wrap("x".repeat(ControlServer.LONGEST_REQUEST).getBytes(StandardCharsets.UTF_8));
        client.write(line);
        assertThat(restOf(client)).contains("INVALID", "65536");
    }

    @Test
    void aServerThatDoesNotAnswerIsGivenUp() throws Exception {
        Path dead = folder.resolve("dead.sock");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(dead));
            SocketChannel waiting = SocketChannel.open(StandardProtocolFamily.UNIX);
            waiting.connect(UnixDomainSocketAddress.of(dead));
            try (ServerWatch watch = new ServerWatch(dead, waiting, Duration.ofMillis(50), Duration.ofMillis(200))) {
                assertThatThrownBy(() -> waiting.read(ByteBuffer.allocate(1))).isInstanceOf(IOException.class);
                assertThat(watch.gaveUp()).isTrue();
                assertThat(watch.message()).contains("does not answer");
            }
        }
    }

    @Test
    void aServerThatWorksForLongIsNot() throws Exception {
        SocketChannel waiting = client();
        try (ServerWatch watch = new ServerWatch(socket, waiting, Duration.ofMillis(20), Duration.ofSeconds(20))) {
            Thread.sleep(500);
            assertThat(watch.gaveUp()).isFalse();
            assertThat(waiting.isOpen()).isTrue();
        }
    }
}

package io.pdata.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AcceptLoopTest {
    @TempDir
    Path folder;

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final BlockingQueue<SocketChannel> accepted = new LinkedBlockingQueue<>();

    /** There are no memory, threads and descriptors for the first clients. */
    @Test
    void nothingThatGoesWrongWithAClientKeepsTheNextOut() throws Exception {
        List<Throwable> failures = List.of(new OutOfMemoryError("Java heap space"),
                new OutOfMemoryError("unable to create native thread"), new IllegalStateException("no"),
                new StackOverflowError());
        AtomicInteger clients = new AtomicInteger();
        Path path = folder.resolve("s");
        try (AcceptLoop loop = new AcceptLoop(Endpoint.unix(path), Thread::new, client -> {
            int number = clients.getAndIncrement();
            if (number < failures.size()) {
                AcceptLoopTest.<RuntimeException>raise(failures.get(number));
            }
            accepted.add(client);
        }, lines::add)) {
            loop.start();
            for (int i = 0; i < failures.size(); i++) {
                try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                    assertThat(client.read(ByteBuffer.allocate(1))).as("is disconnected").isEqualTo(-1);
                }
            }
            try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path));
                    SocketChannel taken = accepted.poll(30, TimeUnit.SECONDS)) {
                assertThat(taken).isNotNull();
            }
        }
        assertThat(lines).containsExactly(
                "accepting clients fails, and is tried again until it succeeds: out of memory",
                "accepting clients succeeds again, failures before: 4");
        assertThat(path).doesNotExist();
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void raise(Throwable e) throws T {
        throw (T) e;
    }

    /** The process has a handler that ends it then. */
    @Test
    void aSocketThatIsLostEndsTheThreadWithAnException() throws Exception {
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (ServerSocketChannel socket = ServerSocketChannel.open().bind(any);
                SocketChannel client = SocketChannel.open()) {
            AcceptLoop loop = new AcceptLoop(Endpoint.inherited(socket), work -> {
                Thread thread = new Thread(work);
                thread.setUncaughtExceptionHandler((_, e) -> end.complete(e));
                return thread;
            }, _ -> closeQuietly(socket), lines::add);
            loop.start();
            client.connect(socket.getLocalAddress());
            assertThat(end.get(30, TimeUnit.SECONDS)).hasMessageContaining("has been closed");
        }
    }

    private static void closeQuietly(ServerSocketChannel socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void hundredsOfClientsWaitUntilTheyAreAccepted() throws Exception {
        Path path = folder.resolve("s");
        List<SocketChannel> clients = new ArrayList<>();
        try (Endpoint _ = Endpoint.unix(path);
                Endpoint tcp = Endpoint.tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            for (int i = 0; i < 300; i++) {
                clients.add(SocketChannel.open(UnixDomainSocketAddress.of(path)));
                SocketChannel client = SocketChannel.open();
                client.setOption(StandardSocketOptions.SO_LINGER, 0);
                client.socket().connect(tcp.address(), 5000);
                clients.add(client);
            }
            assertThat(clients).hasSize(600).allMatch(SocketChannel::isConnected);
        } finally {
            for (SocketChannel client : clients) {
                client.close();
            }
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void anOldSocketIsReplacedAndAnythingElseIsNot() throws Exception {
        Path path = folder.resolve("s");
        try (ServerSocketChannel old = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            old.bind(UnixDomainSocketAddress.of(path));
        }
        try (Endpoint _ = Endpoint.unix(path)) {
            assertThat(catchThrowable(() -> Endpoint.unix(path)))
                    .hasMessage(path + ": another server is listening there");
        }
        Files.writeString(path, "mine");
        assertThat(catchThrowable(() -> Endpoint.unix(path)))
                .hasMessage(path + ": already exists and is not a socket");
        assertThat(path).hasContent("mine");
    }
}

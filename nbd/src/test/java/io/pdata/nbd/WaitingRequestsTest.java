package io.pdata.nbd;

import static io.pdata.nbd.RawClient.FLUSH;
import static io.pdata.nbd.RawClient.READ;
import static io.pdata.nbd.RawClient.ZEROES;
import static io.pdata.nbd.RawClient.requests;
import static io.pdata.nbd.RawClient.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.ForwardingDevice;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.device.WouldWaitException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.testkit.NbdScript;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests that wait, and the ends of connections that have some. */
@Timeout(120)
class WaitingRequestsTest {
    private static final int MIB = 1 << 20;
    private static final int SIZE = 128 * MIB;
    /** Writes from here on need room. */
    private static final int NEW_SPACE = 64 * MIB;
    private static final int BLOCK = 4096;

    @TempDir
    private Path folder;

    private final TestExports exports = new TestExports();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final NbdServer server = new NbdServer(exports, Limits.defaults(), complaints::add);
    private final Full device = new Full();
    private SocketAddress address;

    /** Has room, or not, or has none to wait for; calls back before each write. */
    private static final class Full extends ForwardingDevice {
        private final MemoryDevice memory;
        private volatile boolean room;
        private volatile boolean hopeless;
        private volatile LongConsumer beforeWrite = _ -> {};
        private volatile Runnable onFlush = () -> {};

        Full() {
            this(new MemoryDevice("full", SIZE));
        }

        private Full(MemoryDevice memory) {
            super(memory);
            this.memory = memory;
        }

        @Override
        public void write(long position, MemorySegment source) {
            beforeWrite.accept(position);
            long end = position + source.byteSize();
            if (end <= NEW_SPACE || room) {
                memory.write(position, source);
            } else if (hopeless) {
                throw new NoSpaceException("data", 0, 16);
            } else {
                long done = Math.max(0, NEW_SPACE - position);
                memory.write(position, source.asSlice(0, done));
                throw new WouldWaitException("no room", done);
            }
        }

        @Override
        public void flush() {
            onFlush.run();
        }
    }

    @BeforeEach
    void serve() throws IOException {
        exports.devices.put("disk", device);
        address = server.listen(folder.resolve("s"));
    }

    @AfterEach
    void end() throws IOException {
        server.close();
        assertThat(exports.open).hasValue(0);
        assertThat(complaints).noneMatch(line -> line.contains("mistake"));
    }

    private void makeRoom() {
        device.room = true;
        exports.wakes.forEach(Runnable::run);
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private byte[] content(long position, int length) {
        byte[] bytes = new byte[length];
        device.memory.read(position, MemorySegment.ofArray(bytes));
        return bytes;
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(5);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- what waits, and what does not ----

    @Test
    void onlyWhatNeedsRoomWaits() throws IOException {
        try (RawClient client = new RawClient(address)) {
            NbdScript script = write(requests(), 1, NEW_SPACE, filled(BLOCK, 1)).request(0, READ, 2, 0, BLOCK);
            client.send(write(script, 3, BLOCK, filled(BLOCK, 3)).request(0, FLUSH, 4, 0, 0).request(2, ZEROES, 5,
                    NEW_SPACE - BLOCK, 2 * BLOCK));
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(2, 0));
            assertThat(client.payload(BLOCK)).containsOnly(0);
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(3, 0));
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(4, 0));
            makeRoom();
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(1, 0));
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(5, 0));
            client.send(requests().request(0, READ, 6, BLOCK, BLOCK));
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(6, 0));
            assertThat(client.payload(BLOCK)).containsOnly(3);
        }
        assertThat(content(NEW_SPACE, BLOCK)).as("the older write may come last").containsOnly(0);
    }

    @Test
    void aLongWriteWaitsWithWhatIsLeftOfIt() throws IOException {
        byte[] payload = new byte[3 * MIB];
        new SplittableRandom(1).nextBytes(payload);
        try (RawClient client = new RawClient(address)) {
            client.send(write(requests(), 1, NEW_SPACE - MIB - 100, payload).request(0, FLUSH, 2, 0, 0));
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(2, 0));
            device.beforeWrite = position -> assertThat(position).as("written again").isEqualTo(NEW_SPACE);
            makeRoom();
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(1, 0));
        }
        assertThat(content(NEW_SPACE - MIB - 100, payload.length)).isEqualTo(payload);
    }

    @Test
    void whatHasWaitedInVainFailsOnceAndOnce() throws IOException {
        try (RawClient client = new RawClient(address)) {
            client.send(write(write(requests(), 1, NEW_SPACE, filled(BLOCK, 1)), 2, NEW_SPACE, filled(BLOCK, 1))
                    .request(0, FLUSH, 3, 0, 0));
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(3, 0));
            device.hopeless = true;
            exports.wakes.forEach(Runnable::run);
            exports.wakes.forEach(Runnable::run);
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(1, Protocol.ENOSPC));
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(2, Protocol.ENOSPC));
            client.send(requests().request(0, FLUSH, 4, 0, 0));
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(4, 0));
        }
    }

    @Test
    void repliesThatAreReadyDoNotWaitForALaterFlush() throws IOException {
        CountDownLatch replied = new CountDownLatch(1);
        device.onFlush = () -> await(replied);
        try (RawClient client = new RawClient(address)) {
            client.send(requests().request(0, READ, 1, 0, BLOCK).request(0, FLUSH, 2, 0, 0));
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(1, 0));
            client.payload(BLOCK);
            replied.countDown();
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(2, 0));
        }
    }

    /** More than there is memory for is left with the client; other connections are served. */
    @Test
    void memoryForWhatWaitsIsBounded() throws Exception {
        int writes = 90;
        try (RawClient client = new RawClient(address); RawClient other = new RawClient(address)) {
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < writes; i++) {
                        client.send(write(requests(), i, NEW_SPACE + i % 60 * MIB, filled(MIB, i)));
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            Thread.sleep(200);
            other.send(write(requests(), 1, NEW_SPACE, filled(BLOCK, 1)).request(0, READ, 2, 0, BLOCK));
            assertThat(other.reply()).isEqualTo(new RawClient.Reply(2, 0));
            other.payload(BLOCK);
            assertThat(sent.isDone()).as("90 MiB taken in").isFalse();
            makeRoom();
            assertThat(other.reply()).isEqualTo(new RawClient.Reply(1, 0));
            Set<Long> answered = new HashSet<>();
            while (answered.size() < writes) {
                RawClient.Reply reply = client.reply();
                assertThat(reply.error()).isZero();
                answered.add(reply.cookie());
            }
            sent.get();
        }
    }

    @Test
    void aClientThatIsKilledWithMoreInFlightThanFitsIsNoticed() throws Exception {
        RawClient client = new RawClient(address);
        Thread sender = new Thread(() -> {
            try {
                for (int i = 0; i < 200; i++) {
                    client.send(write(requests(), i, NEW_SPACE, filled(MIB, i)));
                }
            } catch (IOException e) {
                return; // closed
            }
        });
        sender.start();
        Thread.sleep(300);
        client.close();
        await(() -> server.connections() == 0);
        sender.join();
    }

    // ---- the end of what waits ----

    @ParameterizedTest
    @EnumSource
    void theEndOfAClientEndsItsWaits(End end) throws Exception {
        SocketAddress at = end.tcp
                ? server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                : address;
        RawClient client = new RawClient(at);
        client.send(write(requests(), 1, NEW_SPACE, filled(BLOCK, 1)).request(0, FLUSH, 2, 0, 0));
        assertThat(client.reply()).isEqualTo(new RawClient.Reply(2, 0));
        end.of(client);
        await(() -> server.connections() == 0);
        makeRoom();
        assertThat(content(NEW_SPACE, BLOCK)).containsOnly(0);
        client.close();
    }

    @Test
    void forcedDisconnectionEndsWaits() throws Exception {
        try (RawClient client = new RawClient(address)) {
            client.send(write(requests(), 1, NEW_SPACE, filled(BLOCK, 1)).request(0, FLUSH, 2, 0, 0));
            client.reply();
            server.disconnect(exports.opened);
            assertThat(server.connections()).isZero();
            assertThat(client.atEnd()).isTrue();
        }
        assertThat(content(NEW_SPACE, BLOCK)).containsOnly(0);
    }

    /** A server that ends answers the requests that it has received; those that wait stay unanswered, for the client's next connection. */
    @Test
    void theEndOfTheServerEndsWaits() throws Exception {
        try (RawClient client = new RawClient(address); RawClient idle = new RawClient(address)) {
            client.send(write(requests(), 1, NEW_SPACE, filled(BLOCK, 1)).request(0, FLUSH, 2, 0, 0));
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(2, 0));
            long before = System.nanoTime();
            server.close();
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(8));
            assertThat(client.atEnd()).isTrue();
            assertThat(idle.atEnd()).isTrue();
        }
        assertThat(content(NEW_SPACE, BLOCK)).containsOnly(0);
    }

    @Test
    void aServerThatEndsAnswersWhatItHasReceivedAndNothingWithAnError() throws Exception {
        CountDownLatch flushing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        device.onFlush = () -> {
            flushing.countDown();
            await(go);
        };
        try (RawClient client = new RawClient(address)) {
            client.send(write(requests().request(0, FLUSH, 1, 0, 0), 2, 0, filled(BLOCK, 2)));
            await(flushing);
            CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> {
                try {
                    server.close();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            Thread.sleep(100);
            go.countDown();
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(1, 0));
            assertThat(client.reply()).isEqualTo(new RawClient.Reply(2, 0));
            assertThat(client.atEnd()).isTrue();
            closed.get();
        }
        assertThat(content(0, BLOCK)).containsOnly(2);
    }

    @Test
    void aServerThatEndsDoesNotWaitForClientsThatDoNotRead() throws Exception {
        try (RawClient client = new RawClient(address)) {
            NbdScript script = requests();
            for (int i = 0; i < 64; i++) {
                script.request(0, READ, i, 0, MIB);
            }
            client.send(script);
            Thread.sleep(100);
            long before = System.nanoTime();
            server.close();
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(8));
        }
    }

    // ---- a client that has gone, and a newer one ----

    private enum End {
        CLOSED(false), CLOSED_TCP(true), RESET(true), HALF_CLOSED(false), HALF_CLOSED_TCP(true);

        private final boolean tcp;

        End(boolean tcp) {
            this.tcp = tcp;
        }

        void of(RawClient client) throws IOException {
            switch (this) {
            case CLOSED, CLOSED_TCP -> client.close();
            case RESET -> client.reset();
            default -> client.socket.shutdownOutput();
            }
        }
    }

    /**
     * The first change is under way when its client goes; the newer client is answered after it, and the changes after
     * that one are not made.
     */
    @ParameterizedTest
    @EnumSource
    void nothingOfAClientThatHasGoneIsCarriedOutAfterANewerOneIsAnswered(End end) throws Exception {
        SocketAddress at = end.tcp
                ? server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                : address;
        CountDownLatch slow = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        device.beforeWrite = position -> {
            if (position == MIB) {
                slow.countDown();
                await(go);
            }
        };
        RawClient old = new RawClient(at);
        old.send(write(write(requests(), 1, MIB, filled(BLOCK, 1)), 2, 0, filled(BLOCK, 2)));
        await(slow);
        end.of(old);
        CompletableFuture<Boolean> answered = CompletableFuture.supplyAsync(() -> newer(at));
        Thread.sleep(200);
        assertThat(answered.isDone()).as("answered while an older change is being made").isFalse();
        go.countDown();
        assertThat(answered.get(60, TimeUnit.SECONDS)).isTrue();
        await(() -> server.connections() == 0);
        assertThat(content(0, BLOCK)).containsOnly(9);
        assertThat(content(MIB, BLOCK)).as("finished before the newer client was answered").containsOnly(1);
        old.close();
    }

    private static boolean newer(SocketAddress at) {
        try (RawClient client = new RawClient(at)) {
            client.send(write(requests(), 1, 0, filled(BLOCK, 9)).request(0, FLUSH, 2, 0, 0));
            return client.reply().equals(new RawClient.Reply(1, 0)) && client.reply().error() == 0;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A client that is there keeps all of its requests, however many newer ones come. */
    @Test
    void clientsThatAreThereLoseNothingToNewerOnes() throws Exception {
        List<RawClient> newer = new ArrayList<>();
        CountDownLatch slow = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        device.beforeWrite = position -> {
            if (position == MIB) {
                slow.countDown();
                await(go);
            }
        };
        try (RawClient client = new RawClient(address)) {
            NbdScript script = write(requests(), 100, MIB, filled(BLOCK, 1));
            for (int i = 0; i < 25; i++) {
                write(script, i, 2 * MIB + i * BLOCK, filled(BLOCK, i));
            }
            client.send(script);
            await(slow);
            CompletableFuture<Void> connected = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < 5; i++) {
                        newer.add(new RawClient(address));
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            Thread.sleep(50);
            go.countDown();
            for (int i = 0; i < 26; i++) {
                assertThat(client.reply().error()).isZero();
            }
            connected.get();
            for (int i = 0; i < 25; i++) {
                assertThat(content(2 * MIB + i * BLOCK, BLOCK)).containsOnly(i);
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        }
        for (RawClient client : newer) {
            client.close();
        }
    }
}

package io.pdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.DeviceBusyException;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.FileDevice;
import io.pdata.core.device.PersistentDataException;
import io.pdata.nbd.Limits;
import io.pdata.thin.Difference;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.Volume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be asked of a pool is answered alike, whether it is open here or in a server. */
class PoolServiceTest {
    private static final long MIB = 1 << 20;
    private static final long BLOCK = 64 << 10;

    @TempDir
    Path temporary;

    private PoolFolder folder;
    private NamedPool named;
    private PoolServer server;
    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();

    @BeforeEach
    void create() throws IOException {
        folder = new PoolFolder(temporary.resolve("pool"));
        named = NamedPool.create(folder.path(), new NamedPool.Geometry(64 * MIB, 4 * MIB, 128), options(),
                PoolEvents.NONE);
    }

    private static PoolOptions options() {
        return PoolOptions.defaults().withErrorIfNoSpace(true);
    }

    @AfterEach
    void close() throws IOException {
        if (server != null) {
            server.close();
        } else {
            named.close();
        }
    }

    private void serve() throws IOException {
        server = PoolServer.start(folder, named, List.of(new ListenAddress.Unix(folder.nbdSocket())), Limits.defaults(),
                log::add);
    }

    private PoolService service(boolean remote) throws IOException {
        if (!remote) {
            return new LocalPool(named);
        }
        serve();
        return folder.connect().orElseThrow();
    }

    private void put(String name, long block, long blocks) {
        try (Volume volume = named.open(name)) {
            volume.write(block * BLOCK, Arena.ofAuto().allocate(blocks * BLOCK));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everythingThatCanBeAsked(boolean remote) throws IOException {
        PoolService pool = service(remote);
        VolumeReport disk = pool.createVolume("disk", 10 * MIB);
        assertThat(disk.size()).isEqualTo(10 * MIB);
        put("disk", 0, 10);
        VolumeReport snapshot = pool.createSnapshot("before", "disk", true);
        assertThat(snapshot.readOnly()).isTrue();
        assertThat(snapshot.snapshot()).isTrue();
        assertThat(snapshot.origin()).isEqualTo("disk");
        put("disk", 8, 4);
        assertThat(pool.volumes()).extracting(VolumeReport::name, v -> v.mapped() / BLOCK, v -> v.exclusive() / BLOCK,
                v -> v.shared() / BLOCK).containsExactly(tuple("before", 10L, 2L, 8L), tuple("disk", 12L, 4L, 8L));
        assertThat(pool.diff("before", "disk", 0).ranges()).containsExactly(
                new DiffRange(8 * BLOCK, 2 * BLOCK, "changed"), new DiffRange(10 * BLOCK, 2 * BLOCK, "added"));
        assertThat(pool.diff("disk", "before", 10 * BLOCK).ranges())
                .containsExactly(new DiffRange(10 * BLOCK, 2 * BLOCK, "removed"));
        assertThat(pool.check()).isEqualTo(new CheckReport(true, false, List.of()));
        assertThat(pool.renameVolume("disk", "root").name()).isEqualTo("root");
        assertThat(pool.resizeVolume("root", 20 * MIB, false).size()).isEqualTo(20 * MIB);
        assertThat(pool.revert("root", "before", false).size()).isEqualTo(10 * MIB);
        assertThat(pool.diff("before", "root", 0).ranges()).isEmpty();
        pool.deleteVolume("before", false);
        PoolReport status = pool.resize(65 * MIB, 0);
        assertThat(status.dataSize()).isEqualTo(65 * MIB);
        assertThat(status.dataUsed()).isEqualTo(10 * BLOCK);
        assertThat(status.mode()).isEqualTo("rw");
        assertThat(status.volumes()).isEqualTo(1);
        assertThat(status.serverPid()).isEqualTo(remote ? ProcessHandle.current().pid() : 0);
        if (remote) {
            pool.close();
        }
    }

    private static Tuple tuple(Object... values) {
        return Tuple.tuple(values);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsRefusedIsRefusedAlike(boolean remote) throws IOException {
        PoolService pool = service(remote);
        pool.createVolume("disk", MIB);
        assertRefused("EXISTS", "there is a volume 'disk' already", () -> pool.createVolume("disk", MIB));
        assertRefused("UNKNOWN", "there is no volume 'x'", () -> pool.deleteVolume("x", false));
        assertRefused("INVALID", "would be lost", () -> pool.resizeVolume("disk", MIB / 2, false));
        assertRefused("INVALID", "does not become smaller", () -> pool.resize(MIB, 0));
        assertRefused("INVALID", "no name", () -> pool.renameVolume("disk", "a/b"));
        assertThat(pool.resizeVolume("disk", MIB / 2, true).size()).isEqualTo(MIB / 2);
        if (remote) {
            pool.close();
        }
    }

    private static void assertRefused(String code, String message, Runnable request) {
        assertThatThrownBy(request::run).isInstanceOfSatisfying(PersistentDataException.class, e -> {
            assertThat(ErrorReport.of(e).code()).isEqualTo(code);
            assertThat(e.getMessage()).containsPattern(message);
        });
    }

    @Test
    void aLongDifferenceComesInParts() {
        PoolService pool = new LocalPool(named);
        DiffRanges ranges = new DiffRanges(BLOCK);
        int visited = 0;
        while (ranges.visit(Difference.RIGHT_ONLY, 2L * visited, 1, -1, visited)) {
            visited++;
        }
        assertThat(visited).isEqualTo(DiffReport.MOST_RANGES);
        assertThat(ranges.report().next()).isEqualTo(2L * visited * BLOCK);
        pool.createVolume("disk", MIB);
        assertThat(pool.diff("disk", "disk", 0)).isEqualTo(new DiffReport(BLOCK, List.of(), -1));
    }

    // ---- folders ----

    @Test
    void aPoolIsOpenedWhereItIs() throws IOException {
        named.createVolume("disk", MIB);
        assertThat(folder.connect()).as("not served").isEmpty();
        named.close();
        try (PoolService pool = folder.open(options())) {
            assertThat(pool).isInstanceOf(LocalPool.class);
            assertThat(pool.volumes()).hasSize(1);
        }
        named = folder.openToServe(options(), PoolEvents.NONE);
        serve();
        try (PoolService pool = folder.open(options())) {
            assertThat(pool).isInstanceOf(RemotePool.class);
            assertThat(pool.volumes()).hasSize(1);
        }
        assertThatThrownBy(() -> folder.openToServe(options(), PoolEvents.NONE))
                .isInstanceOf(DeviceBusyException.class)
                .hasMessageContaining("served already, by process " + ProcessHandle.current().pid());
        PoolFolder other = new PoolFolder(temporary.resolve("other"));
        assertThat(other.isFree()).isTrue();
        assertThat(folder.isFree()).isFalse();
        assertThatThrownBy(() -> other.open(options())).isInstanceOf(DeviceException.class)
                .hasMessageContaining("there is no pool in this folder");
    }

    @Test
    void socketsThatAKilledServerLeftBehindAreReplaced() throws IOException {
        for (Path socket : List.of(folder.controlSocket(), folder.nbdSocket())) {
            ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket)).close();
            assertThat(socket).exists();
        }
        assertThat(folder.connect()).isEmpty();
        serve();
        try (RemotePool pool = folder.connect().orElseThrow()) {
            assertThat(pool.status().mode()).isEqualTo("rw");
        }
        assertThat(Files.getPosixFilePermissions(folder.controlSocket()))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        server.close();
        assertThat(folder.controlSocket()).doesNotExist();
        assertThat(folder.nbdSocket()).doesNotExist();
    }

    @Test
    void aPoolThatOthersMadeIsReachedThroughLinks() throws IOException {
        Path meta = temporary.resolve("pool_tmeta");
        Path data = temporary.resolve("pool_tdata");
        FileDevice.create(data, 16 * MIB).close();
        try (ThinMetadata made = ThinMetadata.format(FileDevice.create(meta, 4 * MIB), 128, MIB)) {
            made.space().resizeData(256);
            made.createThin(3);
            ThinDevice device = made.openDevice(3);
            made.insert(device, 4, made.allocateDataBlock());
            made.setTransactionId(0, 41);
            made.commit();
        }
        PoolFolder links = new PoolFolder(Files.createDirectory(temporary.resolve("links")));
        Files.createSymbolicLink(links.path().resolve("metadata"), meta);
        Files.createSymbolicLink(links.path().resolve("data"), data);
        try (PoolServer _ = PoolServer.start(links, links.openToServe(options(), PoolEvents.NONE),
                List.of(new ListenAddress.Unix(links.nbdSocket())), Limits.defaults(), log::add);
                PoolService pool = links.open(options())) {
            assertThat(pool.volumes()).extracting(VolumeReport::name, VolumeReport::size, VolumeReport::mapped)
                    .containsExactly(tuple("thin-3", 5 * BLOCK, BLOCK));
            assertThat(pool.status().transactionId()).as("as it was").isEqualTo(41);
            assertThat(pool.check().clean()).isTrue();
        }
        try (PoolService pool = links.open(options())) {
            assertThat(pool.resizeVolume("thin-3", 10 * MIB, false).size()).isEqualTo(10 * MIB);
        }
    }

    // ---- clients of volumes ----

    /** A client that has got as far as using an export: the oldest way of negotiating, which every server knows. */
    private SocketChannel connectTo(String export) throws IOException {
        SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(folder.nbdSocket()));
        readFully(client, 18);
        byte[] name = export.getBytes(StandardCharsets.UTF_8);
        ByteBuffer hello = ByteBuffer.allocate(20 + name.length).putInt(1).putLong(0x49484156454F5054L).putInt(1)
                .putInt(name.length).put(name);
        client.write(hello.flip());
        readFully(client, 8 + 2 + 124);
        return client;
    }

    private static void readFully(SocketChannel client, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) {
            assertThat(client.read(buffer)).isPositive();
        }
    }

    @Test
    void clientsAreDisconnectedOnlyByForce() throws IOException {
        serve();
        try (RemotePool pool = folder.connect().orElseThrow()) {
            pool.createVolume("disk", MIB);
            pool.createVolume("other", MIB);
            pool.createSnapshot("before", "disk", true);
            try (SocketChannel disk = connectTo("disk"); SocketChannel other = connectTo("other")) {
                assertThat(pool.volume("disk").clients()).isEqualTo(1);
                assertThat(pool.status().clients()).isEqualTo(2);
                assertRefused("BUSY", "volume 'disk' has 1 client: --force", () -> pool.deleteVolume("disk", false));
                assertRefused("BUSY", "volume 'disk' has 1 client: --force",
                        () -> pool.revert("disk", "before", false));
                pool.revert("disk", "before", true);
                assertThat(disk.read(ByteBuffer.allocate(1))).as("end of the connection").isNegative();
                assertThat(pool.status().clients()).as("the other client is left alone").isEqualTo(1);
                assertThat(other.isConnected()).isTrue();
            }
            try (SocketChannel disk = connectTo("disk")) {
                pool.renameVolume("disk", "root");
                assertThat(pool.volume("root").clients()).isEqualTo(1);
                assertRefused("INVALID", "would be lost", () -> pool.resizeVolume("root", MIB / 2, false));
                pool.resizeVolume("root", MIB / 2, true);
                assertThat(disk.read(ByteBuffer.allocate(1))).isNegative();
            }
            pool.deleteVolume("root", false);
        }
    }

    // ---- the socket itself ----

    private String answerTo(String text) throws IOException {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(folder.controlSocket()))) {
            client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            client.shutdownOutput();
            ByteBuffer answer = ByteBuffer.allocate(64 << 10);
            while (client.read(answer) >= 0) {
                assertThat(answer.hasRemaining()).isTrue();
            }
            return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void theSocketSpeaksLinesOfJson() throws IOException {
        serve();
        assertThat(answerTo("{\"version\":1,\"command\":\"create-volume\",\"name\":\"a\",\"size\":1048576}\n"))
                .startsWith("{\"version\":1,\"volume\":{").contains("\"name\":\"a\"", "\"size\":1048576")
                .endsWith("}\n");
        assertThat(answerTo("{\"version\":1,\"command\":\"delete-volume\",\"name\":\"a\"}\n"))
                .isEqualTo("{\"version\":1}\n");
        assertThat(answerTo("{\"version\":1,\"command\":\"volumes\"}\n{\"version\":1,\"command\":\"volumes\"}\n"))
                .isEqualTo("{\"version\":1,\"volumes\":[]}\n".repeat(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"version\":2,\"command\":\"status\"}", "{\"version\":1}",
        "{\"version\":1,\"command\":\"format\"}", "{\"version\":1,\"command\":\"create-volume\"}", "hello", "[1,2]",
        "null", "", "{\"version\":1,\"command\":\"create-volume\",\"name\":\"x\",\"size\":\"much\"}",
        "{\"version\":1,\"command\":{}}", "{\"version\":1,\"command\":\"status\"", "12345678901234567890123",
        "{\"version\":1,\"command\":\"volumes\",\"colour\":\"red\"}", "{\"version\":\"1\",\"command\":\"volumes\"}",
        "{\"version\":1,\"version\":1,\"command\":\"volumes\"}"})
    void whatIsNoRequestIsAnsweredWithAnError(String line) throws IOException {
        serve();
        assertThat(answerTo(line + "\n")).startsWith("{\"version\":1,\"error\":{").contains("\"code\":\"INVALID\"");
        try (RemotePool pool = folder.connect().orElseThrow()) {
            assertThat(pool.volumes()).isEmpty();
        }
    }

    @Test
    void aRequestWithoutEndIsCutOff() throws Exception {
        serve();
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(folder.controlSocket()))) {
            ByteBuffer much = ByteBuffer.allocate(16 << 10);
            assertThatThrownBy(() -> {
                for (int i = 0; i < 1000; i++) {
                    client.write(much.clear());
                }
            }).isInstanceOf(IOException.class);
        }
        assertThat(log.poll(30, TimeUnit.SECONDS)).contains("a line of more than 65536 bytes");
    }

    @Test
    void manyClientsAtOnce() throws Exception {
        serve();
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String name = "volume" + i;
            threads.add(Thread.ofPlatform().uncaughtExceptionHandler((_, e) -> {
                synchronized (failures) {
                    failures.add(e);
                }
            }).start(() -> {
                try (RemotePool pool = folder.connect().orElseThrow()) {
                    pool.createVolume(name, MIB);
                    pool.createSnapshot(name + ".s", name, true);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        try (RemotePool pool = folder.connect().orElseThrow()) {
            assertThat(pool.volumes()).hasSize(16);
        }
    }
}

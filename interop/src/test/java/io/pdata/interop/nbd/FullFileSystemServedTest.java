package io.pdata.interop.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.DeviceException;
import io.pdata.nbd.Limits;
import io.pdata.nbd.NbdServer;
import io.pdata.replication.Progress;
import io.pdata.replication.ReceiveOptions;
import io.pdata.server.CheckReport;
import io.pdata.server.LocalPool;
import io.pdata.server.PoolExports;
import io.pdata.server.PoolFolder;
import io.pdata.server.SendRequest;
import io.pdata.testkit.NbdClients;
import io.pdata.testkit.PeerTools;
import io.pdata.testkit.SmallFileSystem;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolMode;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.Volume;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * A pool whose files lie on file systems that are full: what clients are told, that nothing is lost of what they were told,
 * and that everything goes on when there is room again.
 */
@Timeout(120)
@Isolated("a process that is being started elsewhere keeps file systems mounted")
class FullFileSystemServedTest {
    private static final long MIB = 1 << 20;
    private static final int BLOCK = 64 << 10;

    /**
     * Writes blocks until one is refused; the reason has to be that there is no space. Then each that was not refused is
     * read, the others as what they were.
     */
    private static final String FILL = """
            import errno
            h.connect_uri('%s')
            block = 65536
            def content(i): return bytes([i %% 251 + 1]) * block
            written = []
            for i in range(%d):
                try:
                    h.pwrite(content(i), i * block)
                    written.append(i)
                except nbd.Error as e:
                    assert e.errnum == errno.ENOSPC, e
            assert 0 < len(written) < %2$d, len(written)
            for i in range(%2$d):
                expected = content(i) if i in written else bytes(block)
                assert h.pread(block, i * block) == expected, i
            h.flush()
            """;

    /** With room everything can be written, also over what is there. */
    private static final String GO_ON = """
            h.connect_uri('%s')
            block = 65536
            for i in range(%d):
                h.pwrite(bytes([i %% 241 + 2]) * block, i * block)
            h.flush()
            """;

    private static final String VERIFY = """
            h.connect_uri('%s')
            block = 65536
            for i in range(%d):
                assert h.pread(block, i * block) == bytes([i %% 241 + 2]) * block, i
            """;

    @TempDir
    Path temporary;

    private final List<String> complaints = new CopyOnWriteArrayList<>();

    private String uri(String export) {
        return "nbd+unix:///" + export + "?socket=" + temporary.resolve("nbd.sock");
    }

    private void client(NamedPool pool, String script, int blocks) throws IOException {
        try (NbdServer server = new NbdServer(new PoolExports(pool), Limits.defaults(), complaints::add)) {
            server.listen(temporary.resolve("nbd.sock"));
            NbdClients.shell("-c", script.formatted(uri("disk"), blocks)).succeeded();
        }
    }

    private static void check(Path pool) {
        for (String version : PeerTools.VERSIONS) {
            PeerTools.run(version, "thin_check", pool.resolve("metadata")).succeeded();
        }
    }

    private Path mountPoint() throws IOException {
        NbdClients.need("nbdinfo");
        PeerTools.need();
        return Files.createDirectory(temporary.resolve("small"));
    }

    @Test
    void aSparseDataFileThatFindsNoRoomRefusesWritesAndLosesNothing() throws IOException {
        int blocks = 100;
        try (SmallFileSystem small = SmallFileSystem.tmpfs(mountPoint(), 16 * MIB)) {
            Path folder = small.folder().resolve("pool");
            try (NamedPool pool = NamedPool.create(folder, new NamedPool.Geometry(64 * MIB, 4 * MIB, 128),
                    PoolOptions.defaults(), PoolEvents.NONE)) {
                pool.createVolume("disk", blocks * (long) BLOCK);
                small.fill(40 * BLOCK / 4096);
                client(pool, FILL, blocks);
                assertThat(pool.pool().status().mode()).isEqualTo(PoolMode.WRITE);
                check(folder);
                small.fill(0);
                // Names find the room that earlier ones had, as long as they need no more.
                pool.createSnapshot("some", "disk", true);
                String name = "n".repeat(100);
                assertThatThrownBy(() -> {
                    for (int i = 0; i < 50; i++) {
                        pool.createSnapshot(name + i, "disk", true);
                    }
                }).isInstanceOf(DeviceException.class).hasMessageContaining("No space left");
                int before = pool.volumes().size();
                pool.delete("some");
                assertThat(pool.volumes()).hasSize(before - 1);
                small.free();
                client(pool, GO_ON, blocks);
                pool.createSnapshot("before", "disk", true);
                client(pool, VERIFY, blocks);
            }
            check(folder);
            try (NamedPool again = NamedPool.open(folder, PoolOptions.defaults(), PoolEvents.NONE)) {
                client(again, VERIFY, blocks);
            }
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    void aStreamThatFindsNoRoomIsRefusedAndLeavesNothing() throws IOException {
        NamedPool.Geometry geometry = new NamedPool.Geometry(64 * MIB, 4 * MIB, 128);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        try (NamedPool pool = NamedPool.create(temporary.resolve("source"), geometry, PoolOptions.defaults(),
                PoolEvents.NONE)) {
            pool.createVolume("disk", 32 * MIB);
            try (Volume disk = pool.open("disk")) {
                byte[] noise = new byte[24 << 20];
                new Random(1).nextBytes(noise);
                disk.write(0, MemorySegment.ofArray(noise));
            }
            new LocalPool(pool).send(new SendRequest("disk", null, null, false), stream, Progress.NONE);
        }
        try (SmallFileSystem small = SmallFileSystem.tmpfs(mountPoint(), 16 * MIB)) {
            Path folder = small.folder().resolve("pool");
            try (LocalPool pool = new LocalPool(
                    NamedPool.create(folder, geometry, PoolOptions.defaults(), PoolEvents.NONE))) {
                assertThatThrownBy(() -> pool.receive(new ReceiveOptions(null, false, false),
                        new ByteArrayInputStream(stream.toByteArray()), Progress.NONE))
                        .isInstanceOf(DeviceException.class).hasMessageContaining("No space left")
                        .hasNoSuppressedExceptions();
                assertThat(pool.volumes()).isEmpty();
                assertThat(pool.unfinished()).isEmpty();
                assertThat(pool.status().dataUsed()).isZero();
            }
            check(folder);
        }
    }

    /** Metadata that a pool has made have their room; those that somebody has copied may have holes. */
    @Test
    void metadataThatFindNoRoomStopThePoolWhichGoesOnAfterACheck() throws IOException {
        int blocks = 60;
        Path folder = temporary.resolve("pool");
        NamedPool.Geometry geometry = new NamedPool.Geometry(300 * MIB, 4 * MIB, 128);
        try (NamedPool pool = NamedPool.create(folder, geometry, PoolOptions.defaults(), PoolEvents.NONE)) {
            pool.createVolume("disk", 4000L * BLOCK);
            client(pool, GO_ON, blocks);
        }
        try (SmallFileSystem small = SmallFileSystem.tmpfs(mountPoint(), 8 * MIB)) {
            Path metadata = small.folder().resolve("metadata");
            copySparsely(folder.resolve("metadata"), metadata);
            Files.delete(folder.resolve("metadata"));
            Files.createSymbolicLink(folder.resolve("metadata"), metadata);
            try (NamedPool pool = NamedPool.open(folder, PoolOptions.defaults(), PoolEvents.NONE)) {
                small.fill(0);
                client(pool, """
                        import errno
                        h.connect_uri('%s')
                        def fails(work):
                            try:
                                work()
                                return 0
                            except nbd.Error as e:
                                return e.errnum
                        for i in range(%d, 4000): # more mappings than the blocks that once were written have room for
                            fails(lambda: h.pwrite(b'x' * 512, i * 65536))
                        assert fails(lambda: h.flush()) != 0
                        """, blocks);
                client(pool, VERIFY, blocks);
                assertThat(pool.pool().status().mode()).isEqualTo(PoolMode.READ_ONLY);
            }
            small.free();
            CheckReport found = new PoolFolder(folder).checkAndClear();
            assertThat(found).isEqualTo(new CheckReport(true, false, List.of()));
            check(folder);
            try (NamedPool pool = NamedPool.open(folder, PoolOptions.defaults(), PoolEvents.NONE)) {
                client(pool, VERIFY, blocks);
                client(pool, GO_ON, 100);
                client(pool, VERIFY, 100);
            }
            check(folder);
        }
        assertThat(complaints).isEmpty();
    }

    private static void copySparsely(Path from, Path to) throws IOException {
        byte[] all = Files.readAllBytes(from);
        byte[] zeroes = new byte[4096];
        try (FileChannel out = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int at = 0; at < all.length; at += zeroes.length) {
                if (!Arrays.equals(all, at, at + zeroes.length, zeroes, 0, zeroes.length)) {
                    out.write(ByteBuffer.wrap(all, at, zeroes.length), at);
                }
            }
            out.write(ByteBuffer.wrap(zeroes), all.length - zeroes.length);
        }
    }
}

package io.pdata.interop.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.nbd.Limits;
import io.pdata.nbd.NbdServer;
import io.pdata.server.PoolExports;
import io.pdata.testkit.NbdClients;
import io.pdata.testkit.Outcome;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients that others have written do with the volumes of a pool. */
@Timeout(120)
class PoolClientsTest {
    private static final int MIB = 1 << 20;
    private static final int SIZE = 48 * MIB;
    private static final int BLOCK = 64 << 10;

    @TempDir
    Path folder;

    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private NamedPool pool;
    private NbdServer server;
    private Path socket;

    @BeforeEach
    void serve() throws IOException {
        pool = NamedPool.create(folder.resolve("pool"), new NamedPool.Geometry(256L * MIB, 8L * MIB, BLOCK / 512),
                PoolOptions.defaults(), PoolEvents.NONE);
        pool.createVolume("disk", SIZE);
        server = new NbdServer(new PoolExports(pool), Limits.defaults(), complaints::add);
        socket = folder.resolve("nbd.sock");
        server.listen(socket);
    }

    @AfterEach
    void end() throws IOException {
        server.close();
        pool.close();
        assertThat(complaints).isEmpty();
    }

    private String uri(String export) {
        return "nbd+unix:///" + export + "?socket=" + socket;
    }

    private static String ok(String program, Object... arguments) {
        return NbdClients.run(program, arguments).succeeded().output();
    }

    private long mapped(String name) {
        return pool.pool().details(pool.find(name).orElseThrow().id()).mappedBlocks();
    }

    /** A file with some data here and there, and holes between them; returns how many blocks of the pool it touches. */
    private int sparse(Path file, long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        int pieces = 10;
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(SIZE);
            for (int i = 0; i < pieces; i++) {
                byte[] piece = new byte[BLOCK];
                random.nextBytes(piece);
                out.seek((long) i * 4 * MIB + random.nextInt(8) * BLOCK);
                out.write(piece);
            }
        }
        return pieces;
    }

    // ---- libnbd ----

    @Test
    void nbdinfoTellsAllThereIs() {
        pool.createSnapshot("monday", "disk", true);
        String json = ok("nbdinfo", "--list", "--json", uri(""));
        assertThat(json).contains("\"export-name\": \"disk\"", "\"export-name\": \"monday\"",
                "\"is_read_only\": true", "\"can_multi_conn\": true",
                "\"can_fast_zero\": true", "\"qemu:dirty-bitmap:since-monday\"", "\"x-pdata:sharing\"",
                "\"base:allocation\"");
        assertThat(ok("nbdinfo", "--list", uri(""))).contains("export=\"disk\":\n\tdescription: volume\n",
                "export=\"monday\":\n\tdescription: read-only snapshot of disk\n");
        assertThat(ok("nbdinfo", uri("monday"))).contains("description: read-only snapshot of disk");
        assertThat(ok("nbdinfo", "--map", "--totals", uri("disk"))).contains("100.0%").contains("hole,zero");
        for (String can : List.of("flush", "fua", "trim", "zero", "fast-zero", "df", "cache", "multi-conn")) {
            ok("nbdinfo", "--can", can, uri("disk"));
        }
        assertThat(NbdClients.run("nbdinfo", "--can", "write", uri("monday")).status()).isEqualTo(2);
    }

    @Test
    void nbdcopyKeepsHolesBothWays() throws IOException {
        Path from = folder.resolve("from");
        Path to = folder.resolve("to");
        int pieces = sparse(from, 1);
        ok("nbdcopy", "--destination-is-zero", "--flush", from, uri("disk"));
        assertThat(mapped("disk")).isEqualTo(pieces);
        ok("nbdcopy", "--connections=4", uri("disk"), to);
        assertThat(Files.mismatch(from, to)).isEqualTo(-1);
        pool.createVolume("copy", SIZE);
        ok("nbdcopy", uri("disk"), uri("copy"));
        assertThat(mapped("copy")).isEqualTo(pieces);
        ok("qemu-img", "compare", "-f", "raw", "-F", "raw", uri("disk"), uri("copy"));
    }

    @Test
    void nbdshSeesWhatTheProtocolPromises() {
        NbdClients
                .shell("-u", uri("disk"), "-c",
                        """
                                h.pwrite(b'x' * 100000, 70000, nbd.CMD_FLAG_FUA)
                                chunks = []
                                h.pread_structured(262144, 0, lambda data, offset, status, err: chunks.append((offset, len(data), status)))
                                assert chunks == [(0, 65536, nbd.READ_HOLE), (65536, 131072, nbd.READ_DATA),
                                                  (196608, 65536, nbd.READ_HOLE)], chunks
                                h.zero(65536, 131072, nbd.CMD_FLAG_FAST_ZERO)
                                assert h.pread(65536, 65536) == b'\\0' * 4464 + b'x' * 61072
                                h.zero(65536, 65536, nbd.CMD_FLAG_NO_HOLE)
                                h.trim(65536, 0)
                                h.cache(131072, 0)
                                h.flush()
                                """)
                .succeeded();
        assertThat(mapped("disk")).isEqualTo(1);
    }

    // ---- QEMU ----

    @Test
    void qemuImgConvertsComparesAndMaps() throws IOException {
        Path from = folder.resolve("from");
        Path image = folder.resolve("image.qcow2");
        int pieces = sparse(from, 2);
        ok("qemu-img", "convert", "-n", "--target-is-zero", "-f", "raw", "-O", "raw", from, uri("disk"));
        ok("qemu-img", "compare", "-f", "raw", "-F", "raw", from, uri("disk"));
        assertThat(mapped("disk")).isEqualTo(pieces);
        ok("qemu-img", "convert", "-f", "raw", "-O", "qcow2", uri("disk"), image);
        ok("qemu-img", "compare", "-f", "qcow2", "-F", "raw", image, uri("disk"));
        assertThat(ok("qemu-img", "map", "--output=json", "-f", "raw", uri("disk")).split("\"data\": true"))
                .hasSize(pieces + 1);
        ok("qemu-img", "bench", "-w", "-c", 3000, "-d", 16, "-s", 4096, "--flush-interval=500", "-f", "raw",
                uri("disk"));
        ok("qemu-img", "bench", "-c", 3000, "-d", 16, "-s", 65536, "-f", "raw", uri("disk"));
    }

    @Test
    void qemuIoWritesZeroesAndDiscards() {
        String output = ok("qemu-io", "-f", "raw", "-d", "unmap", "-c", "write -P 0x11 0 1M", "-c",
                "write -P 0x22 -f 100 5000", "-c", "write -z 65536 65536", "-c", "write -z -u 131072 65536", "-c",
                "write -z -u -n 196608 65536", "-c", "discard 262144 65536", "-c", "flush", "-c", "read -P 0x11 0 100",
                "-c",
                "read -P 0x22 100 5000", "-c", "read -P 0x11 5100 60436", "-c", "read -P 0 65536 262144", "-c",
                "read -P 0x11 327680 720896", "-c", "map", uri("disk"));
        assertThat(output).doesNotContain("failed").doesNotContain("rror");
        // Unmapped by -z -u, by -z -u -n, which must be fast, and by discard; -z alone asks for zeroes that are there.
        assertThat(mapped("disk")).isEqualTo(13);
    }

    // ---- fio ----

    @ParameterizedTest
    @CsvSource({"1, 4k-4k, 1", "32, 512-256k, 3", "16, 64k-128k, 2"})
    void fioFindsWhatItHasWrittenAlsoBesideSnapshots(int depth, String sizes, int connections) throws Exception {
        NbdClients.need("fio");
        Thread snapshots = new Thread(() -> {
            for (int i = 0; i < 20 && !Thread.currentThread().isInterrupted(); i++) {
                pool.createSnapshot("s" + i, "disk", true);
                if (i > 2) {
                    pool.delete("s" + (i - 3));
                }
            }
        });
        snapshots.start();
        ok("fio", "--name=verify", "--ioengine=nbd", "--uri=" + uri("disk"), "--rw=randwrite", "--bsrange=" + sizes,
                "--iodepth=" + depth, "--numjobs=" + connections, "--size=12m", "--offset_increment=12m",
                "--verify=crc32c", "--verify_state_save=0", "--output-format=terse", "--directory=" + folder);
        snapshots.join();
    }

    // ---- nbdkit between the client and the server ----

    @ParameterizedTest
    @ValueSource(strings = {"--filter=delay rdelay=1ms wdelay=1ms",
        "--filter=blocksize-policy blocksize-preferred=65536",
        "--filter=retry --filter=error error=EIO error-rate=1% retry-delay=1 retry-exponential=no retries=20",
        "--filter=stats statsfile=/dev/null", "--filter=checkwrite"})
    void throughAProxyThingsAreAsTheyWere(String filter) throws IOException {
        NbdClients.need("nbdkit");
        boolean checks = filter.contains("checkwrite");
        Path from = folder.resolve("from");
        sparse(from, 3);
        Path to = folder.resolve("to");
        if (checks) {
            ok("nbdcopy", from, uri("disk"));
        }
        Path script = folder.resolve("script");
        String copies = "nbdcopy --request-size=262144 '" + from + "' \"$uri\""
                + (checks ? "" : " && nbdcopy --request-size=262144 \"$uri\" '" + to + "'");
        Files.writeString(script,
                """
                        set -e
                        set -- $1
                        filters=; parameters=
                        for word; do case $word in --*) filters="$filters $word";; *) parameters="$parameters $word";; esac; done
                        exec nbdkit -U - $filters nbd socket=%s export=disk shared=true $parameters --run %s
                        """
                        .formatted(socket, "'" + copies.replace("'", "'\\''") + "'"));
        Outcome outcome = NbdClients.run("bash", script, filter);
        outcome.succeeded();
        if (!checks) {
            assertThat(Files.mismatch(from, to)).isEqualTo(-1);
        }
        ok("qemu-img", "compare", "-f", "raw", "-F", "raw", from, uri("disk"));
    }

    // ---- a file system ----

    @Test
    void aFileSystemIsMadeSnapshottedAndFoundSound() throws Exception {
        NbdClients.need("nbdfuse");
        Path mount = Files.createDirectory(folder.resolve("mount"));
        Path script = folder.resolve("script");
        Files.writeString(script, """
                set -e
                export PATH=$PATH:/sbin:/usr/sbin
                # with_disk EXPORT OPTIONS COMMAND...: runs a command on a file that is an export
                with_disk() {
                    uri="nbd+unix:///$1?socket=%1$s"; options=$2; shift 2
                    nbdfuse $options '%2$s/disk' "$uri" & fuse=$!
                    for i in $(seq 200); do [ -e '%2$s/disk' ] && break; sleep 0.05; done
                    status=0; "$@" || status=$?
                    fusermount3 -u '%2$s' 2>/dev/null || umount '%2$s'
                    wait $fuse
                    return $status
                }
                case $1 in
                make) with_disk disk "" mke2fs -q -F -t ext4 -d '%3$s' '%2$s/disk' ;;
                check) with_disk "$2" -r e2fsck -fn '%2$s/disk' ;;
                read) with_disk "$2" -r debugfs -R "cat /README" '%2$s/disk' ;;
                esac
                """.formatted(socket, mount, Files.createDirectory(folder.resolve("content"))));
        Files.writeString(folder.resolve("content/README"), "on a thin volume");
        ok("bash", script, "make");
        pool.createSnapshot("clean", "disk", true);
        ok("bash", script, "check", "disk");
        NbdClients.shell("-u", uri("disk"), "-c", "h.zero(1 << 20, 0)").succeeded();
        assertThat(NbdClients.run("bash", script, "check", "disk").status()).isNotZero();
        ok("bash", script, "check", "clean");
        assertThat(ok("bash", script, "read", "clean")).isEqualTo("on a thin volume");
    }
}

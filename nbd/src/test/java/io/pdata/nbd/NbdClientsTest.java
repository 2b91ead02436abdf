package io.pdata.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.MemoryDevice;
import io.pdata.testkit.NbdClients;
import io.pdata.testkit.Outcome;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients that others have written see of a server. */
class NbdClientsTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path folder;

    private final Map<String, MemoryDevice> devices = new TreeMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private NbdServer server;
    private Path socket;

    private record Plain(String name, MemoryDevice device) implements Export {
        @Override
        public String description() {
            return "the device " + name;
        }

        @Override
        public void close() {}
    }

    private final Exports exports = new Exports() {
        @Override
        public List<String> names() {
            return List.copyOf(devices.keySet());
        }

        @Override
        public Optional<Export> open(String name) {
            String wanted = name.isEmpty() ? "small" : name;
            return Optional.ofNullable(devices.get(wanted)).map(device -> new Plain(wanted, device));
        }
    };

    @BeforeEach
    void serve() throws IOException {
        devices.put("small", new MemoryDevice("small", 3 * MIB + 512));
        devices.put("large", new MemoryDevice("large", 64 * MIB));
        server = new NbdServer(exports, Limits.defaults(), complaints::add);
        socket = folder.resolve("nbd.sock");
        server.listen(socket);
    }

    @AfterEach
    void end() throws IOException {
        server.close();
        assertThat(complaints).isEmpty();
        assertThat(Files.exists(socket)).isFalse();
    }

    private String uri(String export) {
        return "nbd+unix:///" + export + "?socket=" + socket;
    }

    private static String ok(Outcome outcome) {
        return outcome.succeeded().output();
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    private byte[] content(String name, int length) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[length]);
        devices.get(name).read(0, bytes);
        return (byte[]) bytes.heapBase().orElseThrow();
    }

    @Test
    void nbdinfoListsExportsWithSizesAndWhatTheyCanDo() {
        String json = ok(NbdClients.run("nbdinfo", "--json", "--list", uri("")));
        assertThat(json).contains("\"export-name\": \"large\"", "\"export-size\": 67108864",
                "\"export-name\": \"small\"", "\"export-size\": 3146240", "\"protocol\": \"newstyle-fixed\"",
                "\"structured\": true", "\"can_flush\": true", "\"can_fua\": true", "\"can_multi_conn\": true",
                "\"can_trim\": true", "\"can_zero\": true", "\"can_df\": true", "\"can_cache\": true",
                "\"base:allocation\"", "\"is_read_only\": false");
    }

    /** Each program asks several things about each export, on one connection. */
    @Test
    void thousandsOfExportsAreListed() {
        for (int i = 0; i < 2000; i++) {
            devices.put("export" + i, new MemoryDevice("export" + i, 4096));
        }
        assertThat(ok(NbdClients.run("nbdinfo", "--list", uri(""))).split("export=\"export")).hasSize(2001);
        assertThat(ok(NbdClients.run("qemu-nbd", "--list", "-k", socket))).contains("exports available: 2002")
                .contains(" export: 'export1999'");
    }

    /** More than the 50 clients that Java lets wait at a time. */
    @Test
    void manyClientsConnectAtTheSameMoment() {
        NbdClients.shell("-c", """
                import threading
                connected = []
                start = threading.Barrier(150)
                def connect():
                    client = nbd.NBD()
                    client.set_export_name('small')
                    start.wait()
                    client.connect_unix('%s')
                    client.pread(512, 0)
                    connected.append(client)
                threads = [threading.Thread(target=connect) for _ in range(150)]
                for thread in threads: thread.start()
                for thread in threads: thread.join()
                assert len(connected) == 150, len(connected)
                for client in connected: client.shutdown()
                """.formatted(socket)).succeeded();
    }

    @Test
    void nbdinfoMapsAnExport() {
        assertThat(ok(NbdClients.run("nbdinfo", "--map", uri("large"))).strip().split("\\s+")).startsWith("0",
                "67108864", "0", "data");
    }

    @Test
    void nbdcopyWritesAndReadsBack() throws IOException {
        Path from = folder.resolve("from");
        Path to = folder.resolve("to");
        byte[] bytes = random(64 * MIB, 1);
        Files.write(from, bytes);
        ok(NbdClients.run("nbdcopy", from, uri("large")));
        assertThat(content("large", 64 * MIB)).isEqualTo(bytes);
        ok(NbdClients.run("nbdcopy", uri("large"), to));
        assertThat(Files.mismatch(from, to)).isEqualTo(-1);
    }

    @Test
    void qemuIoWritesZeroesDiscardsAndFlushes() {
        String output = ok(NbdClients.run("qemu-io", "-f", "raw", "-c", "write -P 0xab 4096 1M", "-c",
                "write -f -P 0xcd 2M 3", "-c", "write -z 8192 4096", "-c", "write -z -u 12288 4096", "-c", "flush",
                "-c", "read -P 0xab 4096 4096", "-c", "read -P 0 8192 8192", "-c", "read -P 0xcd 2M 3", "-c",
                "discard 16384 4096", "-c", "read -P 0xab 20480 4096", uri("large")));
        assertThat(output).doesNotContain("Pattern verification failed").doesNotContain("error");
        assertThat(content("large", 5000)[4999]).isEqualTo((byte) 0xab);
    }

    @Test
    void theLastBytesOfAnOddSizeAreThere() {
        ok(NbdClients.shell("-u", uri("small"), "-c", """
                size = h.get_size()
                assert size == 3 * 1048576 + 512
                h.pwrite(b'x' * 600, size - 600)
                assert h.pread(600, size - 600) == b'x' * 600
                """));
    }

    @Test
    void repliesAreSimpleForClientsThatWantThemSo() {
        ok(NbdClients.shell("-c", """
                h.set_request_structured_replies(False)
                h.connect_uri('%s')
                assert not h.get_structured_replies_negotiated()
                data = bytes(range(256)) * 16384
                h.pwrite(data, 1000)
                assert h.pread(len(data), 1000) == data
                """.formatted(uri("large"))));
    }

    @Test
    void readsThatMustNotBeFragmentedAreNot() {
        ok(NbdClients.shell("-u", uri("large"), "-c",
                """
                        chunks = []
                        h.pread_structured(4 << 20, 0, lambda data, offset, status, err: chunks.append(len(data)), nbd.CMD_FLAG_DF)
                        assert chunks == [4 << 20], chunks
                        """));
    }

    @Test
    void whatReachesBeyondTheEndIsRefusedWithAReasonAndTheConnectionGoesOn() {
        ok(NbdClients.shell("-u", uri("small"), "-c", """
                import errno
                h.set_strict_mode(0)
                def refused(code, f):
                    try:
                        f()
                    except nbd.Error as e:
                        assert e.errnum == code, e
                        return
                    raise AssertionError('not refused')
                size = h.get_size()
                refused(errno.ENOSPC, lambda: h.pwrite(b'y' * 1024, size - 512))
                refused(errno.EINVAL, lambda: h.pread(1024, size - 512))
                refused(errno.ENOSPC, lambda: h.zero(1024, size - 512))
                refused(errno.EINVAL, lambda: h.trim(1024, size - 512))
                refused(errno.ENOTSUP, lambda: h.zero(512, 0, nbd.CMD_FLAG_FAST_ZERO))
                h.pwrite(b'z' * 512, size - 512, nbd.CMD_FLAG_FUA)
                assert h.pread(512, size - 512) == b'z' * 512
                """));
    }

    @Test
    void anExportThatDoesNotExistIsSaidNotToBeThere() {
        Outcome outcome = NbdClients.run("nbdinfo", uri("missing"));
        assertThat(outcome.status()).isNotZero();
        assertThat(outcome.toString()).contains("No such file or directory for export: missing");
    }

    @Test
    void fioFindsWhatItHasWrittenThroughManyConnections() {
        NbdClients.need("fio");
        Outcome outcome = NbdClients.run("fio", "--name=verify", "--ioengine=nbd", "--uri=" + uri("large"),
                "--rw=randwrite", "--bsrange=512-256k", "--iodepth=32", "--numjobs=3", "--size=20m",
                "--offset_increment=20m", "--verify=crc32c", "--verify_state_save=0", "--output-format=terse",
                "--directory=" + folder);
        ok(outcome);
    }

    @Test
    void aSecondServerOnTheSameSocketIsRefusedAndTheFirstGoesOn() throws IOException {
        try (NbdServer second = new NbdServer(exports, Limits.defaults(), complaints::add)) {
            assertThatThrownBy(() -> second.listen(socket))
                    .isInstanceOf(IOException.class).hasMessageContaining("another server");
        }
        ok(NbdClients.run("nbdinfo", "--size", uri("small")));
        complaints.clear(); // the second server's look at the socket was no client
    }
}

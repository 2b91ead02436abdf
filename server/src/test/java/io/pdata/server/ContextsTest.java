package io.pdata.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.pdata.nbd.Limits;
import io.pdata.nbd.NbdServer;
import io.pdata.testkit.NbdClients;
import io.pdata.testkit.Outcome;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.Volume;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told about the bytes of a volume, as clients that others have written see it. */
class ContextsTest {
    private static final int BLOCK = 64 << 10;
    private static final int BLOCKS = 256;
    private static final long SIZE = (long) BLOCKS * BLOCK;

    @TempDir
    Path folder;

    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private NamedPool pool;
    private NbdServer server;
    private Path socket;

    @BeforeEach
    void serve() throws IOException {
        pool = NamedPool.create(folder.resolve("pool"), new NamedPool.Geometry(256 << 20, 4 << 20, BLOCK / 512),
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

    private void write(String name, long position, int length, int value) {
        try (Volume volume = pool.open(name)) {
            volume.write(position, MemorySegment.ofArray(new byte[length]).fill((byte) value));
        }
    }

    private void writeBlocks(String name, int begin, int end, int value) {
        write(name, (long) begin * BLOCK, (end - begin) * BLOCK, value);
    }

    private byte[] content(String name) {
        try (Volume volume = pool.open(name)) {
            byte[] bytes = new byte[(int) volume.size()];
            volume.read(0, MemorySegment.ofArray(bytes));
            return bytes;
        }
    }

    /** What nbdinfo says of a context, each line as "first block+blocks:value". */
    private List<String> map(String context, String export) {
        String output = NbdClients.run("nbdinfo", "--map=" + context, uri(export)).succeeded().output();
        return output.lines().map(line -> line.strip().split("\\s+"))
                .map(words -> Long.parseLong(words[0]) / BLOCK + "+" + Long.parseLong(words[1]) / BLOCK + ":"
                        + words[2])
                .toList();
    }

    @Test
    void theyAreListedAndWildcardsStandForAllOfANamespace() {
        pool.createSnapshot("monday", "disk", true);
        pool.createSnapshot("branch", "monday", false);
        pool.createVolume("other", SIZE);
        String json = NbdClients.run("nbdinfo", "--json", uri("disk")).succeeded().output();
        assertThat(json).contains("\"base:allocation\"", "\"x-pdata:sharing\"",
                "\"qemu:dirty-bitmap:since-monday\"", "\"qemu:dirty-bitmap:since-branch\"")
                .doesNotContain("since-other").doesNotContain("since-disk").contains("\"block_size_preferred\": 65536");
        assertThat(NbdClients.run("nbdinfo", "--json", uri("other")).succeeded().output()).doesNotContain("since-");
        NbdClients.shell("-c", """
                h.set_opt_mode(True)
                h.connect_uri('%s')
                def listed(*queries):
                    found = []
                    h.clear_meta_contexts()
                    for query in queries:
                        h.add_meta_context(query)
                    h.opt_list_meta_context(found.append)
                    return sorted(found)
                changes = ['qemu:dirty-bitmap:since-branch', 'qemu:dirty-bitmap:since-monday']
                assert listed('qemu:') == changes, listed('qemu:')
                assert listed('qemu:dirty-bitmap:') == changes
                assert listed('x-pdata:', 'base:') == ['base:allocation', 'x-pdata:sharing']
                assert listed('qemu:dirty-bitmap:since-') == []
                assert listed('y-else:') == []
                h.opt_abort()
                """.formatted(uri("disk"))).succeeded();
    }

    @Test
    void holesAreWhatWasNeverWrittenAndSharedDataIsNone() {
        writeBlocks("disk", 2, 4, 1);
        pool.createSnapshot("monday", "disk", true);
        writeBlocks("disk", 3, 6, 2);
        assertThat(map("base:allocation", "disk")).containsExactly("0+2:3", "2+4:0", "6+250:3");
        assertThat(map("x-pdata:sharing", "disk")).containsExactly("0+2:0", "2+1:2", "3+3:1", "6+250:0");
        assertThat(map("x-pdata:sharing", "monday")).containsExactly("0+2:0", "2+2:2", "4+252:0");
        String json = NbdClients.run("qemu-img", "map", "--output=json", "-f", "raw", uri("disk")).succeeded().output();
        assertThat(json).contains("\"start\": 0, \"length\": 131072, \"depth\": 0, \"present\": true, \"zero\": true",
                "\"start\": 131072, \"length\": 262144, \"depth\": 0, \"present\": true, \"zero\": false");
    }

    @Test
    void whatIsSeenThroughToAnExternalOriginIsData() throws IOException {
        byte[] content = new byte[2 * BLOCK + 5];
        Arrays.fill(content, (byte) 9);
        Path image = Files.write(folder.resolve("image"), content);
        pool.createVolume("clone", 8L * BLOCK, image.toString());
        writeBlocks("clone", 5, 6, 1);
        assertThat(map("base:allocation", "clone")).containsExactly("0+3:0", "3+2:3", "5+1:0", "6+2:3");
        assertThat(map("x-pdata:sharing", "clone")).containsExactly("0+5:0", "5+1:1", "6+2:0");
        Path copy = folder.resolve("copy");
        NbdClients.run("nbdcopy", uri("clone"), copy).succeeded();
        assertThat(Arrays.copyOf(Files.readAllBytes(copy), content.length)).isEqualTo(content);
    }

    @Test
    void whatWasWrittenOrDiscardedSinceASnapshotIsDirty() {
        writeBlocks("disk", 0, 100, 1);
        pool.createSnapshot("monday", "disk", true);
        assertThat(map("qemu:dirty-bitmap:since-monday", "disk")).containsExactly("0+256:0");
        write("disk", 10 * BLOCK + 5, 1, 2);
        try (Volume disk = pool.open("disk")) {
            disk.discard(50L * BLOCK, 10L * BLOCK);
        }
        writeBlocks("disk", 200, 201, 3);
        assertThat(map("qemu:dirty-bitmap:since-monday", "disk")).containsExactly("0+10:0", "10+1:1", "11+39:0",
                "50+10:1", "60+140:0", "200+1:1", "201+55:0");
        Outcome qemu = NbdClients.run("qemu-img", "map", "--output=json", "--image-opts",
                "driver=nbd,server.type=unix,server.path=" + socket
                        + ",export=disk,x-dirty-bitmap=qemu:dirty-bitmap:since-monday");
        // What is dirty is called "no data" there.
        assertThat(qemu.succeeded().output()).contains("\"start\": 655360, \"length\": 65536,")
                .contains("\"start\": 13107200, \"length\": 65536,");
    }

    @Test
    void aSnapshotThatIsDeletedWhileItIsLookedAtIsAnErrorEvenIfAnotherTakesItsPlace() {
        writeBlocks("disk", 0, 10, 1);
        long id = pool.createSnapshot("monday", "disk", true).id();
        NbdClients.need("nbdinfo");
        ChangesContext context = new ChangesContext(pool, pool.find("disk").orElseThrow(),
                pool.find("monday").orElseThrow());
        context.describe(0, SIZE, (_, _) -> true);
        pool.delete("monday");
        assertThat(pool.createVolume("monday", SIZE).id()).isEqualTo(id);
        assertThat(catchThrowable(() -> context.describe(0, SIZE, (_, _) -> true)))
                .hasMessage("volume 'monday' has been deleted meanwhile");
    }

    /** A backup tool in ten lines: what has changed since a snapshot, on top of a copy of it. */
    private static final String INCREMENT = """
            import sys
            h.add_meta_context('qemu:dirty-bitmap:since-%s')
            h.connect_uri('%s')
            size = h.get_size()
            with open('%s', 'r+b') as copy:
                copy.truncate(size)
                at = 0
                while at < size:
                    extents = []
                    h.block_status(size - at, at, lambda context, offset, entries, err: extents.extend(entries))
                    for length, dirty in zip(extents[::2], extents[1::2]):
                        if dirty:
                            copy.seek(at)
                            copy.write(h.pread(length, at))
                        at += length
            """;

    @Test
    void aCopyOfASnapshotAndWhatIsDirtySinceMakeACopyOfTheVolume() throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        Path copy = folder.resolve("copy");
        change(random);
        pool.createSnapshot("s0", "disk", true);
        NbdClients.run("nbdcopy", uri("s0"), copy).succeeded();
        for (int i = 0; i < 4; i++) {
            change(random);
            pool.createSnapshot("s" + (i + 1), "disk", true);
            NbdClients.shell("-c", INCREMENT.formatted("s" + i, uri("s" + (i + 1)), copy)).succeeded();
            assertThat(Arrays.mismatch(Files.readAllBytes(copy), content("s" + (i + 1)))).as("increment %d", i)
                    .isEqualTo(-1);
        }
    }

    private void change(SplittableRandom random) {
        for (int i = 0; i < 12; i++) {
            int begin = random.nextInt(BLOCKS - 8);
            if (random.nextInt(3) == 0) {
                try (Volume disk = pool.open("disk")) {
                    disk.discard((long) begin * BLOCK, (1L + random.nextInt(8)) * BLOCK);
                }
            } else {
                write("disk", (long) begin * BLOCK + random.nextInt(BLOCK), 1 + random.nextInt(5 * BLOCK),
                        random.nextInt());
            }
        }
    }

    @Test
    void whileTheVolumeIsWrittenWhatWasDirtyBeforeStaysSoAndTheRestIsTrue() throws InterruptedException {
        writeBlocks("disk", 0, BLOCKS, 1);
        pool.createSnapshot("monday", "disk", true);
        writeBlocks("disk", 0, 8, 2);
        Thread writer = new Thread(() -> {
            SplittableRandom random = new SplittableRandom(3);
            for (int i = 0; i < 400; i++) {
                write("disk", (128L + random.nextInt(64)) * BLOCK, 100, 9);
            }
        });
        writer.start();
        while (writer.isAlive()) {
            for (String line : map("qemu:dirty-bitmap:since-monday", "disk")) {
                int begin = Integer.parseInt(line.substring(0, line.indexOf('+')));
                int end = begin + Integer.parseInt(line.substring(line.indexOf('+') + 1, line.indexOf(':')));
                if (line.endsWith(":1")) {
                    assertThat(begin == 0 && end == 8 || begin >= 128 && end <= 192).as(line).isTrue();
                } else {
                    assertThat(begin).as(line).isGreaterThanOrEqualTo(8);
                }
            }
        }
        writer.join();
    }
}

package io.pdata.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.NodeWalk;
import io.pdata.nbd.Limits;
import io.pdata.replication.ImageOptions;
import io.pdata.replication.ImageSource;
import io.pdata.testkit.NbdClients;
import io.pdata.testkit.Outcome;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.Volume;
import io.pdata.tools.MetadataFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Volumes out of images that nobody has open, as clients that others have written read them. */
class ImageServerTest {
    private static final int BLOCK = 64 << 10;
    /** More than one leaf of the mapping tree has. */
    private static final int MAPPED = 400;
    private static final long SIZE = 1000L * BLOCK;

    @TempDir
    Path folder;

    private byte[] content;

    @BeforeEach
    void makePool() throws IOException {
        content = new byte[(int) SIZE];
        try (NamedPool pool = NamedPool.create(folder.resolve("pool"),
                new NamedPool.Geometry(64 << 20, 4 << 20, BLOCK / 512), PoolOptions.defaults(), PoolEvents.NONE)) {
            pool.createVolume("disk", SIZE);
            SplittableRandom random = new SplittableRandom(1);
            try (Volume volume = pool.open("disk")) {
                for (int i = 0; i < MAPPED; i++) {
                    byte[] some = new byte[512];
                    random.nextBytes(some);
                    int position = 2 * i * BLOCK + 1024;
                    System.arraycopy(some, 0, content, position, some.length);
                    volume.write(position, MemorySegment.ofArray(some));
                }
            }
        }
    }

    private ImageServer serve() throws IOException {
        ImageSource source = ImageSource.open(folder.resolve("pool/metadata"), folder.resolve("pool/data"), 0, -1,
                new ImageOptions(true, false, SIZE, null));
        return ImageServer.start(source, List.of(new ListenAddress.Unix(folder.resolve("nbd.sock"))), Limits.defaults(),
                System.err::println);
    }

    private static Outcome on(ImageServer server, String script) {
        return NbdClients.shell("-u", server.addresses().getFirst().uri(server.export()), "-c", script);
    }

    @Test
    void aVolumeIsReadWholeOrAnywhereAndItsHolesAreTold() throws IOException {
        try (ImageServer server = serve()) {
            String uri = server.addresses().getFirst().uri(server.export());
            Path copy = folder.resolve("copy");
            NbdClients.run("nbdcopy", uri, copy.toString()).succeeded();
            assertThat(Files.readAllBytes(copy)).isEqualTo(content);
            assertThat(NbdClients.run("nbdinfo", "--size", server.addresses().getFirst().uri("")).succeeded().output())
                    .isEqualToIgnoringNewLines("" + SIZE);
            assertThat(NbdClients.run("nbdinfo", "--map", "--totals", uri).succeeded().output())
                    .containsPattern((long) MAPPED * BLOCK + " .* 0 data")
                    .containsPattern(SIZE - (long) MAPPED * BLOCK + " .* 3 hole,zero");
        }
        assertThat(folder.resolve("nbd.sock")).doesNotExist();
    }

    @Test
    void nothingCanBeChanged() throws IOException {
        try (ImageServer server = serve()) {
            on(server, """
                    assert h.is_read_only()
                    h.set_strict_mode(0)
                    for attempt in [lambda: h.pwrite(b'x' * 512, 0), lambda: h.zero(512, 0), lambda: h.trim(512, 0)]:
                        try:
                            attempt()
                            assert False
                        except nbd.Error as e:
                            assert e.errno == 'EPERM', e
                    """).succeeded();
        }
    }

    @Test
    void whatLeadsThereIsDamagedFailsAndAllElseIsRead() throws IOException {
        ruinALeaf();
        try (ImageServer server = serve()) {
            String read = on(server, """
                    import hashlib
                    for i in range(%d):
                        try:
                            print('read', i, hashlib.sha256(h.pread(512, 2 * i * %d + 1024)).hexdigest()[:8])
                        except nbd.Error as e:
                            assert e.errno == 'EIO', e
                            print('lost', i)
                    """.formatted(MAPPED, BLOCK)).succeeded().output();
            assertThat(read.lines().filter(line -> line.startsWith("lost"))).hasSizeBetween(50, MAPPED - 50);
            assertThat(read.lines().filter(line -> line.startsWith("read")).distinct()).hasSizeBetween(50, MAPPED - 50);
        }
    }

    private void ruinALeaf() throws IOException {
        Path metadata = folder.resolve("pool/metadata");
        List<Long> leaves = new ArrayList<>();
        try (MetadataFile file = MetadataFile.open(metadata)) {
            long top = file.superblock(ThinSuperblockLayout.VALIDATOR, ThinSuperblock::read).mappingRoot();
            long root = new BTreeReader(file, 1, Long.BYTES).lookupLong(top, 0, -1);
            new NodeWalk(file, Long.BYTES).leaves(root, _ -> true, leaf -> leaves.add(leaf.block()));
        }
        try (RandomAccessFile file = new RandomAccessFile(metadata.toFile(), "rw")) {
            file.seek(leaves.get(1) * 4096);
            file.write(new byte[4096]);
        }
    }
}

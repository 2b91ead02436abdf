package io.pdata.interop.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.cache.CacheSuperblock;
import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.cli.Main;
import io.pdata.core.block.BlockManager;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.era.EraSuperblock;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.interop.Seeds;
import io.pdata.testkit.KernelLab;
import io.pdata.testkit.Outcome;
import io.pdata.testkit.PeerTools;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.MetadataFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The kernel goes on with what our tools wrote: pools that were restored, repaired and shrunk, caches and era devices that were
 * restored and repaired. It finds in them what was there before, and all judges find in them what it did with them.
 */
@Order(2)
class WrittenByToolsTest {
    private static final int SOURCE_BLOCKS = 4000;
    private static final long METADATA_BLOCKS = 1024;

    @TempDir
    Path folder;

    @Test
    void theKernelGoesOnWithWhatOurToolsWrote() throws IOException {
        KernelLab.need();
        PeerTools.need();
        SplittableRandom random = Seeds.random("WrittenByTools");
        List<Thin> pools = List.of(new Thin("restored", 'b', random.split()), new Thin("repaired", 'e', random.split()),
                new Thin("shrunk", 'h', random.split()));
        pools.get(0).restore();
        pools.get(1).repair();
        pools.get(2).shrink();
        pools.forEach(Thin::kernel);
        Cache cache = new Cache('k', random.split());
        cache.kernel();
        List<Era> eras = List.of(new Era("era1", 'p', random.split()), new Era("era2", 'r', random.split()));
        eras.get(0).restore();
        eras.get(1).repair();
        eras.forEach(Era::kernel);

        StringBuilder script = new StringBuilder("set -e\n");
        pools.forEach(pool -> script.append(pool.guest.script()));
        script.append(cache.guest.script());
        eras.forEach(era -> script.append(era.guest.script()));
        Path[] disks = Stream.of(pools.stream().flatMap(Thin::disks), cache.disks(), eras.stream().flatMap(Era::disks))
                .flatMap(Function.identity()).toArray(Path[]::new);
        Outcome outcome = KernelLab.run(script.toString(), disks).succeeded();

        pools.forEach(pool -> pool.judge(outcome));
        cache.judge(outcome);
        eras.forEach(era -> era.judge(outcome));
    }

    /** Runs one of our tools, which has to succeed; returns what it prints. */
    private static String tool(Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(Stream.of(arguments).map(Object::toString).toArray(String[]::new),
                new PrintStream(out, true), new PrintStream(err, true));
        assertThat(status).as("%s: %s", List.of(arguments), err).isZero();
        return out.toString(StandardCharsets.UTF_8);
    }

    /** An image in which nothing is stored. */
    private Path image(String name, long bytes) {
        Path image = folder.resolve(name);
        FileDevice.create(image, bytes).close();
        return image;
    }

    /** What the kernel and all checks refuse: blocks whose checksums are wrong. */
    private static void ruin(Path image, long... blocks) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            for (long block : blocks) {
                file.seek(block * BlockManager.BLOCK_SIZE + 100);
                int old = file.read();
                file.seek(block * BlockManager.BLOCK_SIZE + 100);
                file.write(old ^ 1);
            }
        }
    }

    private static <T> T superblock(Path image, Function<MetadataFile, T> reader) {
        try (MetadataFile file = MetadataFile.open(image)) {
            return reader.apply(file);
        }
    }

    /** A pool that we have made and used. */
    private final class Thin {
        final String name;
        final SplittableRandom random;
        final ThinPool made;
        final ThinPool pool;
        final ThinWorld world = new ThinWorld(6000, METADATA_BLOCKS);
        final ThinGuest guest;
        final List<String> sums = new ArrayList<>();
        final long used;
        long nextTag = 1;

        Thin(String name, char firstDisk, SplittableRandom random) {
            this.name = name;
            this.random = random;
            made = pool(name + ".made");
            pool = pool(name + ".meta");
            BlockContent.source(pool.source(), pool.blockBytes(), SOURCE_BLOCKS);
            try (ThinOwn own = ThinOwn.format(made, random.split(), world.dataBlocks, world.metadataBlocks)) {
                ThinWorkload workload = new ThinWorkload(random.split(), world, own, 12, nextTag);
                workload.steps(250);
                if (world.held != null) {
                    workload.toggleMetadataSnapshot();
                }
                nextTag = workload.nextTag();
            }
            used = new ThinVerdict(made, world).pronounce();
            image(name + ".meta", METADATA_BLOCKS * BlockManager.BLOCK_SIZE);
            guest = new ThinGuest(pool, firstDisk);
        }

        private ThinPool pool(String metadata) {
            return new ThinPool(name, folder.resolve(metadata), folder.resolve(name + ".data"),
                    folder.resolve(name + ".source"), 128);
        }

        void restore() {
            Path xml = folder.resolve(name + ".xml");
            tool("thin_dump", "-o", xml, made.metadata());
            tool("thin_restore", "-i", xml, "-o", pool.metadata());
        }

        void repair() throws IOException {
            ThinSuperblock superblock = superblock(made.metadata(),
                    file -> file.superblock(ThinSuperblockLayout.VALIDATOR, ThinSuperblock::read));
            ruin(made.metadata(), superblock.dataSpaceMap().bitmapRoot(), superblock.metadataSpaceMap().bitmapRoot());
            tool("thin_repair", "-i", made.metadata(), "-o", pool.metadata());
        }

        /** To little more than is in use; the data device really is that small then. */
        void shrink() {
            world.grow(used + 300, METADATA_BLOCKS);
            tool("thin_shrink", "--binary", "-i", made.metadata(), "-o", pool.metadata(), "--data", pool.data(),
                    "--nr-blocks", world.dataBlocks);
            try (FileDevice data = FileDevice.open(pool.data(), Access.READ_WRITE)) {
                data.resize(world.dataBlocks * pool.blockBytes(), false);
            }
            new ThinVerdict(pool, world).pronounce();
        }

        Stream<Path> disks() {
            return Stream.of(pool.metadata(), pool.data(), pool.source());
        }

        /** Reads all volumes, then uses them. */
        void kernel() {
            guest.activate(world.dataBlocks, world.metadataBlocks);
            world.volumes.forEach((id, volume) -> {
                guest.sum(id, 0, ThinWorkload.DENSE);
                sums.add("%d 0 %d %s  -".formatted(id, ThinWorkload.DENSE,
                        BlockContent.md5(LongStream.range(0, ThinWorkload.DENSE)
                                .mapToObj(block -> volume.blocks().getOrDefault(block, BlockContent.ZERO)),
                                pool.blockBytes())));
            });
            ThinWorkload workload = new ThinWorkload(random.split(), world, guest, 14, nextTag);
            workload.steps(12);
            guest.deactivate();
            assertThat(workload.nextTag()).as("blocks written").isLessThan(SOURCE_BLOCKS);
        }

        void judge(Outcome outcome) {
            assertThat(outcome.lines(name + "-sum")).as("what the kernel read in %s", name).isEqualTo(sums);
            long nowUsed = new ThinVerdict(pool, world).pronounce();
            assertThat(outcome.lines(name).getLast().split(" ")[5]).isEqualTo(nowUsed + "/" + world.dataBlocks);
        }
    }

    /** A cache, whose metadata are restored, and repaired as well. */
    private final class Cache {
        private static final int ORIGIN_BLOCKS = 1500;
        private static final int CACHE_BLOCKS = 600;

        final CacheWorld world = new CacheWorld(ORIGIN_BLOCKS);
        final CacheGuest guest;
        final Path made = image("cache.made", 4 << 20);
        final Path restored = image("cache.restored", 4 << 20);
        final Path repaired = image("cache.repaired", 4 << 20);
        final Path fast = image("cache.fast", (long) CACHE_BLOCKS * CacheGuest.BLOCK_BYTES);
        final Path origin = image("cache.origin", (long) ORIGIN_BLOCKS * CacheGuest.BLOCK_BYTES);
        final Path source = image("cache.source", CacheGuest.BLOCK_BYTES);
        final CacheDump dump;

        Cache(char firstDisk, SplittableRandom random) throws IOException {
            guest = new CacheGuest("cache", 2, ORIGIN_BLOCKS, firstDisk);
            CacheOwn.format(made, 2);
            try (CacheOwn own = CacheOwn.open(made, random.split(), world, fast, origin, 1)) {
                own.resize(CACHE_BLOCKS);
                own.steps(900);
                own.shutDown();
            }
            dump = CacheVerdict.agreed(made, 2);
            Path xml = folder.resolve("cache.xml");
            tool("cache_dump", "-o", xml, made);
            tool("cache_restore", "-i", xml, "-o", restored, "--metadata-version", 2);
            ruin(made, superblock(made, file -> file.superblock(CacheSuperblockLayout.VALIDATOR, CacheSuperblock::read))
                    .spaceMap().bitmapRoot());
            tool("cache_repair", "-i", made, "-o", repaired);
        }

        Stream<Path> disks() {
            return Stream.of(restored, fast, origin, source, repaired);
        }

        void kernel() {
            for (int metadata : new int[]{0, 4}) {
                guest.activate(metadata, CACHE_BLOCKS, "smq");
                guest.sum("cache-sum");
                guest.deactivate("cache");
            }
        }

        void judge(Outcome outcome) {
            assertThat(outcome.lines("cache-sum")).containsOnly(world.md5() + "  -").hasSize(2);
            assertThat(outcome.lines("cache")).hasSize(2)
                    .allSatisfy(status -> CacheVerdict.matchStatus(dump, status, true));
            for (Path metadata : new Path[]{restored, repaired}) {
                CacheDump stored = CacheVerdict.agreed(metadata, 2);
                assertThat(stored.mappings()).isEqualTo(dump.mappings());
                CacheVerdict.matchContent(stored, world, fast, origin);
            }
        }
    }

    /** An era device. */
    private final class Era {
        private static final int BLOCKS = 4000;

        final SplittableRandom random;
        final EraWorld world = new EraWorld();
        final EraGuest guest;
        final Path made;
        final Path metadata;
        final Path origin;
        final String name;

        Era(String name, char firstDisk, SplittableRandom random) {
            this.name = name;
            this.random = random;
            guest = new EraGuest(name, firstDisk);
            made = image(name + ".made", 2 << 20);
            metadata = image(name + ".meta", 2 << 20);
            origin = image(name + ".origin", BLOCKS * EraGuest.BLOCK_SECTORS * 512L);
            EraOwn own = new EraOwn(made, random.split());
            own.format();
            new EraWorkload(random.split(), world, own).session(BLOCKS, 300);
            world.held = null; // of a metadata snapshot nothing is kept
        }

        void restore() {
            Path xml = folder.resolve(name + ".xml");
            tool("era_dump", "-o", xml, made);
            tool("era_restore", "-i", xml, "-o", metadata);
        }

        void repair() throws IOException {
            ruin(made, superblock(made, file -> file.superblock(EraSuperblockLayout.VALIDATOR, EraSuperblock::read))
                    .spaceMap().bitmapRoot());
            tool("era_repair", "-i", made, "-o", metadata);
        }

        Stream<Path> disks() {
            return Stream.of(metadata, origin);
        }

        void kernel() {
            new EraWorkload(random.split(), world, guest).session(BLOCKS, 20);
        }

        void judge(Outcome outcome) {
            EraVerdict verdict = new EraVerdict(metadata, world);
            verdict.matchStatus(outcome.lines(name).getLast());
            verdict.pronounce();
        }
    }
}

package io.pdata.interop.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.interop.Seeds;
import io.pdata.interop.kernel.BlockContent.Image;
import io.pdata.testkit.KernelLab;
import io.pdata.testkit.Outcome;
import io.pdata.testkit.PeerTools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** We make caches of both versions; the kernel goes on using them, and hands them back; we go on again. */
class CacheKernelReadsTest {
    private static final int ORIGIN_BLOCKS = 1500;
    private static final int SOURCE_BLOCKS = 8000;

    @TempDir
    Path folder;

    @Test
    void theKernelUsesWhatWeMadeAndWeUseWhatItHandsBack() throws IOException {
        KernelLab.need();
        PeerTools.need();
        SplittableRandom random = Seeds.random("CacheKernelReads");
        Run one = new Run(1, 'b', random.split());
        Run two = new Run(2, 'h', random.split());

        Outcome outcome = KernelLab.run("set -e\n" + one.guest.script() + two.guest.script(),
                Stream.concat(one.images(), two.images()).toArray(Path[]::new)).succeeded();

        one.judge(outcome);
        two.judge(outcome);
    }

    /** One cache, on the host and in the guest. */
    private final class Run {
        final int version;
        final String name;
        final SplittableRandom random;
        final Path metadata;
        final Path fast;
        final Path origin;
        final Path source;
        final Path loaded;
        final Path unclean;
        final CacheWorld world = new CacheWorld(ORIGIN_BLOCKS);
        final CacheGuest guest;
        CacheDump made;
        CacheDump madeUnclean;
        String sum;
        long nextTag = 1;

        Run(int version, char firstDisk, SplittableRandom random) throws IOException {
            this.version = version;
            this.random = random;
            name = "v" + version;
            metadata = image("meta", 4 << 20);
            fast = image("fast", 2000L * CacheGuest.BLOCK_BYTES);
            origin = image("origin", (long) ORIGIN_BLOCKS * CacheGuest.BLOCK_BYTES);
            loaded = image("loaded", 4 << 20);
            unclean = folder.resolve(name + ".unclean");
            source = folder.resolve(name + ".source");
            BlockContent.source(source, CacheGuest.BLOCK_BYTES, SOURCE_BLOCKS);
            guest = new CacheGuest(name, version, ORIGIN_BLOCKS, firstDisk);
            make();
            kernel();
        }

        private Path image(String kind, long bytes) {
            Path image = folder.resolve(name + "." + kind);
            Image.create(image, bytes).close();
            return image;
        }

        Stream<Path> images() {
            return Stream.of(metadata, fast, origin, source, loaded, unclean);
        }

        private CacheOwn open() {
            return CacheOwn.open(metadata, random.split(), world, fast, origin, nextTag);
        }

        /** Two sessions, with growth; and a copy of the metadata as a crash in the second one would leave them. */
        private void make() throws IOException {
            CacheOwn.format(metadata, version);
            try (CacheOwn own = open()) {
                own.resize(600);
                own.steps(700);
                own.shutDown();
                nextTag = own.nextTag();
            }
            try (CacheOwn own = open()) {
                own.resize(1200);
                own.shutDown();
            }
            try (CacheOwn own = open()) {
                // Nothing goes out before the copy: the dirty bits of version 2 stay as they were until the shutdown,
                // and tools object to those that unmapped blocks are left with, whoever does it.
                own.promotions(300);
                own.commit();
                Files.copy(metadata, unclean);
                own.steps(900);
                own.discardSome(300);
                own.shutDown();
                nextTag = own.nextTag();
            }
            madeUnclean = CacheVerdict.agreed(unclean, version);
            made = CacheVerdict.agreed(metadata, version);
            CacheVerdict.matchContent(made, world, fast, origin);
            CacheVerdict.matchDiscards(metadata, world);
        }

        private void kernel() {
            // Opens the copy, and must take everything in it for dirty.
            guest.activate(5, 1200, "smq");
            guest.deactivate(name + "-unclean");
            // Loads ours and stores it again, without any I/O: dirty marks, hints and discards go through the kernel.
            guest.activate(0, 1200, "smq");
            guest.deactivate(name + "-loaded");
            guest.copyMetadata(4);
            guest.activate(0, 1200, "smq");
            guest.sum(name + "-sum");
            sum = world.md5();
            CacheWorkload workload = new CacheWorkload(random.split(), world, guest, nextTag);
            workload.steps(60);
            guest.deactivate(name + "-used");
            nextTag = workload.nextTag();
            assertThat(nextTag).as("blocks written").isLessThan(SOURCE_BLOCKS);
        }

        void judge(Outcome outcome) {
            String[] status = outcome.lines(name + "-unclean").getFirst().split(" ");
            assertThat(status[6]).as("mapped").isEqualTo(madeUnclean.mappings().size() + "/1200");
            assertThat(status[13]).as("dirty").isEqualTo(Integer.toString(madeUnclean.mappings().size()));
            CacheVerdict.matchStatus(made, outcome.lines(name + "-loaded").getFirst(), true);
            assertThat(CacheVerdict.agreed(loaded, version)).as("what the kernel loaded and stored").isEqualTo(made);
            assertThat(outcome.lines(name + "-sum")).as("what the kernel read").containsExactly(sum + "  -");

            CacheDump used = CacheVerdict.agreed(metadata, version);
            CacheVerdict.matchStatus(used, outcome.lines(name + "-used").getFirst(), true);
            CacheVerdict.matchContent(used, world, fast, origin);
            CacheVerdict.matchDiscards(metadata, world);

            try (CacheOwn own = open()) {
                own.steps(300);
                own.shutDown();
            }
            CacheVerdict.matchContent(CacheVerdict.agreed(metadata, version), world, fast, origin);
        }
    }
}

package io.pdata.interop.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.interop.Seeds;
import io.pdata.interop.kernel.BlockContent.Image;
import io.pdata.testkit.KernelLab;
import io.pdata.testkit.Outcome;
import io.pdata.testkit.PeerTools;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernel caches at random, in both versions of the metadata; we read what it wrote. */
class CacheKernelWritesTest {
    private static final int ORIGIN_BLOCKS = 1000;
    private static final int SOURCE_BLOCKS = 4000;

    @TempDir
    Path folder;

    @Test
    void whatTheKernelWroteReadsAsItsWorkloadImplies() {
        KernelLab.need();
        PeerTools.need();
        SplittableRandom random = Seeds.random("CacheKernelWrites");
        Run one = new Run(1, 'b', random.split());
        Run two = new Run(2, 'g', random.split());

        Outcome outcome = KernelLab.run("set -e\n" + one.guest.script() + two.guest.script(),
                Stream.concat(one.images(), two.images()).toArray(Path[]::new)).succeeded();

        one.judge(outcome);
        two.judge(outcome);
    }

    /** One cache in the guest. */
    private final class Run {
        final int version;
        final String name;
        final Path metadata;
        final Path fast;
        final Path origin;
        final Path source;
        final Path unclean;
        final CacheWorld world = new CacheWorld(ORIGIN_BLOCKS);
        final CacheGuest guest;

        Run(int version, char firstDisk, SplittableRandom random) {
            this.version = version;
            name = "v" + version;
            metadata = folder.resolve(name + ".meta");
            fast = folder.resolve(name + ".fast");
            origin = folder.resolve(name + ".origin");
            source = folder.resolve(name + ".source");
            unclean = folder.resolve(name + ".unclean");
            Image.create(metadata, 4 << 20).close();
            Image.create(fast, 2000L * CacheGuest.BLOCK_BYTES).close();
            Image.create(origin, (long) ORIGIN_BLOCKS * CacheGuest.BLOCK_BYTES).close();
            Image.create(unclean, 4 << 20).close();
            BlockContent.source(source, CacheGuest.BLOCK_BYTES, SOURCE_BLOCKS);
            guest = new CacheGuest(name, version, ORIGIN_BLOCKS, firstDisk);
            use(new CacheWorkload(random, world, guest, 1));
        }

        Stream<Path> images() {
            return Stream.of(metadata, fast, origin, source, unclean);
        }

        private void use(CacheWorkload workload) {
            guest.activate(0, 150, "smq");
            guest.migrate();
            workload.steps(80);
            guest.deactivate(name + "-first");
            guest.activate(0, 1200, "smq");
            guest.migrate();
            workload.steps(40);
            guest.deactivate(name + "-grown");
            // Not before: as long as the hints are of another length than the cache, cache_check 0.9.0 objects.
            guest.activate(0, 1200, "smq");
            guest.migrate();
            workload.steps(40);
            guest.copyInUse(name + "-unclean", 4);
            workload.steps(40);
            guest.deactivate(name + "-second");
            guest.activate(0, 1200, "cleaner");
            guest.migrate();
            guest.waitUntilClean();
            guest.deactivate(name + "-clean");
            guest.activate(0, 90, "smq");
            guest.migrate();
            workload.steps(40);
            guest.deactivate(name + "-last");
            assertThat(workload.nextTag()).as("blocks written").isLessThan(SOURCE_BLOCKS);
        }

        void judge(Outcome outcome) {
            CacheVerdict.matchStatus(CacheVerdict.agreed(unclean, version), outcome.lines(name + "-unclean").getFirst(),
                    false);
            CacheDump dump = CacheVerdict.agreed(metadata, version);
            CacheVerdict.matchStatus(dump, outcome.lines(name + "-last").getFirst(), true);
            CacheVerdict.matchContent(dump, world, fast, origin);
            CacheVerdict.matchDiscards(metadata, world);
        }
    }
}

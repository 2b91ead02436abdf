package io.pdata.interop.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.interop.Seeds;
import io.pdata.interop.kernel.BlockContent.Image;
import io.pdata.testkit.KernelLab;
import io.pdata.testkit.Outcome;
import io.pdata.testkit.PeerTools;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernel uses pools at random; we read what it wrote. */
@Order(2)
class ThinKernelWritesTest {
    private static final int SOURCE_BLOCKS = 8000;

    @TempDir
    Path folder;

    @Test
    void whatTheKernelWroteReadsAsItsWorkloadImplies() {
        KernelLab.need();
        PeerTools.need();
        SplittableRandom random = Seeds.random("ThinKernelWrites");
        Run small = new Run("small", 128, 'b', new ThinWorld(3000, 600), random.split());
        // Grows across the border between the first two bitmaps of both space maps. (No block size that is not a power
        // of 2: above dm-thin, Linux 6.1 cuts discards where only powers of 2 make sense, and parts of them get lost.)
        Run large = new Run("large", 256, 'e', new ThinWorld(16_000, 16_200), random.split());
        small.use(120, 4000, 1500);
        large.use(80, 17_000, 16_500);

        Outcome outcome = KernelLab.run("set -e\n" + small.guest.script() + large.guest.script(), small.pool.metadata(),
                small.pool.data(), small.pool.source(), large.pool.metadata(), large.pool.data(), large.pool.source())
                .succeeded();

        small.judge(outcome);
        large.judge(outcome);
    }

    /** One pool in the guest. */
    private final class Run {
        final ThinPool pool;
        final ThinWorld world;
        final ThinGuest guest;
        final ThinWorkload workload;

        Run(String name, int blockSectors, char firstDisk, ThinWorld world, SplittableRandom random) {
            this.world = world;
            pool = new ThinPool(name, folder.resolve(name + ".meta"), folder.resolve(name + ".data"),
                    folder.resolve(name + ".source"), blockSectors);
            guest = new ThinGuest(pool, firstDisk);
            workload = new ThinWorkload(random, world, guest, 14, 1);
            Image.create(pool.metadata(), 70L << 20).close();
            Image.create(pool.data(), 20_000L * pool.blockBytes()).close();
            BlockContent.source(pool.source(), pool.blockBytes(), SOURCE_BLOCKS);
        }

        void use(int steps, long dataBlocks, long metadataBlocks) {
            guest.activate(world.dataBlocks, world.metadataBlocks);
            workload.steps(steps);
            workload.grow(dataBlocks, metadataBlocks);
            workload.steps(steps / 2);
            if (world.held == null) {
                workload.toggleMetadataSnapshot();
            }
            workload.steps(steps / 10);
            guest.deactivate();
            assertThat(workload.nextTag()).as("blocks written").isLessThan(SOURCE_BLOCKS);
        }

        void judge(Outcome outcome) {
            long used = new ThinVerdict(pool, world).pronounce();
            // "0 LENGTH thin-pool TRANSACTION USED/ALL META USED/ALL DATA ..."
            String[] status = outcome.lines(pool.name()).getLast().split(" ");
            assertThat(status[5]).isEqualTo(used + "/" + world.dataBlocks);
        }
    }
}

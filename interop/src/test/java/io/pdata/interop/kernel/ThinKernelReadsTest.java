package io.pdata.interop.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.BlockManager;
import io.pdata.interop.Seeds;
import io.pdata.interop.kernel.BlockContent.Image;
import io.pdata.testkit.KernelLab;
import io.pdata.testkit.Outcome;
import io.pdata.testkit.PeerTools;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** We make pools; the kernel activates them, reads, goes on using them, and hands them back; we go on again. */
@Order(2)
class ThinKernelReadsTest {
    private static final int SOURCE_BLOCKS = 10_000;

    @TempDir
    Path folder;

    @Test
    void theKernelUsesWhatWeMadeAndWeUseWhatItHandsBack() {
        KernelLab.need();
        PeerTools.need();
        SplittableRandom random = Seeds.random("ThinKernelReads");
        Run many = new Run("many", 'b', new ThinWorld(15_000, 16_000), random.split());
        many.makeManyDevices();
        Run deep = new Run("deep", 'e', new ThinWorld(45_000, 2000), random.split());
        deep.makeDeepTrees();
        many.kernel(20, 30);
        deep.kernel(3, 25);

        Outcome outcome = KernelLab.run("set -e\n" + many.guest.script() + deep.guest.script(), many.pool.metadata(),
                many.pool.data(), many.pool.source(), deep.pool.metadata(), deep.pool.data(), deep.pool.source())
                .succeeded();

        many.judge(outcome);
        deep.judge(outcome);
    }

    /** One pool, on the host and in the guest. */
    private final class Run {
        final SplittableRandom random;
        final ThinPool pool;
        final ThinWorld world;
        final ThinGuest guest;
        final List<String> sums = new ArrayList<>();
        long nextTag = 1;

        Run(String name, char firstDisk, ThinWorld world, SplittableRandom random) {
            this.random = random;
            this.world = world;
            pool = new ThinPool(name, folder.resolve(name + ".meta"), folder.resolve(name + ".data"),
                    folder.resolve(name + ".source"), 128);
            guest = new ThinGuest(pool, firstDisk);
            BlockContent.source(pool.source(), pool.blockBytes(), SOURCE_BLOCKS);
        }

        /** Hundreds of devices, snapshots of snapshots; grown across the border of both space maps' first bitmaps. */
        void makeManyDevices() {
            try (ThinOwn own = ThinOwn.format(pool, random.split(), world.dataBlocks, world.metadataBlocks)) {
                ThinWorkload workload = new ThinWorkload(random.split(), world, own, 320, nextTag);
                repeat(220, workload::create);
                repeat(150, workload::write);
                repeat(60, workload::snapshot);
                workload.grow(17_000, 16_600);
                workload.steps(400);
                fanOut(own, workload);
                if (world.held == null) {
                    workload.toggleMetadataSnapshot();
                }
                workload.steps(60);
                nextTag = workload.nextTag();
            }
            judgeAlone();
        }

        /** One leaf after another of one device copied in nine snapshots: data blocks with ten references and less. */
        private void fanOut(ThinOwn own, ThinWorkload workload) {
            workload.createAs(1 << 20);
            own.map(1 << 20, 0, 300);
            world.map(1 << 20, 0, 300);
            for (int i = 1; i < 10; i++) {
                workload.snapshotAs((1 << 20) + i, 1 << 20);
                workload.writeTo((1 << 20) + i, 7L * i, 1);
            }
        }

        /** Mapping trees of three levels, shared by snapshots and then partly overwritten and discarded. */
        void makeDeepTrees() {
            try (ThinOwn own = ThinOwn.format(pool, random.split(), world.dataBlocks, world.metadataBlocks)) {
                // Room for so many devices that none is deleted: these three are to stay.
                ThinWorkload workload = new ThinWorkload(random.split(), world, own, 50, nextTag);
                workload.createAs(3);
                own.map(3, 0, 36_000);
                world.map(3, 0, 36_000);
                workload.snapshotAs(4, 3);
                for (int i = 0; i < 40; i++) {
                    workload.writeTo(i % 2 == 0 ? 3 : 4, random.nextInt(36_000), 3);
                }
                workload.snapshotAs(5, 4);
                own.discard(4, 9000, 12_000);
                world.discard(4, 9000, 12_000);
                workload.steps(60);
                nextTag = workload.nextTag();
            }
            judgeAlone();
        }

        private void judgeAlone() {
            new ThinVerdict(pool, world).pronounce();
        }

        /** Writes down what the kernel is to do: read some devices, then use the pool. */
        void kernel(int devicesToRead, int steps) {
            Image.create(pool.metadata(), (world.metadataBlocks + 300) * BlockManager.BLOCK_SIZE).close();
            Image.create(pool.data(), (world.dataBlocks + 500) * pool.blockBytes()).close();
            guest.activate(world.dataBlocks, world.metadataBlocks);
            List<Integer> ids = new ArrayList<>(world.volumes.keySet());
            for (int i = 0; i < devicesToRead; i++) {
                sum(ids.get(i * ids.size() / devicesToRead));
            }
            ThinWorkload workload = new ThinWorkload(random.split(), world, guest, 330, nextTag);
            workload.steps(steps / 2);
            workload.grow(world.dataBlocks + 500, world.metadataBlocks + 300);
            workload.steps(steps / 2);
            guest.deactivate();
            nextTag = workload.nextTag();
            assertThat(nextTag).as("blocks written").isLessThan(SOURCE_BLOCKS);
        }

        /** Has the dense beginning of a volume, and two places elsewhere, compared with the model. */
        private void sum(int id) {
            sum(id, 0, ThinWorkload.DENSE);
            world.volumes.get(id).blocks().keySet().stream().filter(block -> block > ThinWorkload.DENSE)
                    .skip(random.nextInt(5)).limit(2).forEach(block -> sum(id, block, 2));
        }

        private void sum(int id, long begin, int count) {
            guest.sum(id, begin, count);
            sums.add("%d %d %d %s  -".formatted(id, begin, count, md5(id, begin, count)));
        }

        private String md5(int id, long begin, int count) {
            return BlockContent.md5(LongStream.range(begin, begin + count)
                    .mapToObj(block -> world.volumes.get(id).blocks().getOrDefault(block, BlockContent.ZERO)),
                    pool.blockBytes());
        }

        void judge(Outcome outcome) {
            assertThat(outcome.lines(pool.name() + "-sum")).as("what the kernel read in %s", pool.name())
                    .isEqualTo(sums);
            long used = new ThinVerdict(pool, world).pronounce();
            assertThat(outcome.lines(pool.name()).getLast().split(" ")[5]).isEqualTo(used + "/" + world.dataBlocks);
            try (ThinOwn own = ThinOwn.open(pool, random.split())) {
                new ThinWorkload(random.split(), world, own, 340, nextTag).steps(80);
            }
            judgeAlone();
        }

        private static void repeat(int times, Runnable step) {
            for (int i = 0; i < times; i++) {
                step.run();
            }
        }
    }
}

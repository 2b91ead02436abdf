package io.pdata.interop;

import io.pdata.testkit.KernelLab;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The kernel and we do the same at random, and leave the same bytes: recordings as in {@link GoldenReplayTest}, made
 * anew from a printed seed.
 */
@Order(2)
class KernelReplayTest {
    @TempDir
    Path folder;

    @Test
    void theKernelAndWeLeaveTheSameBytes() {
        KernelLab.need();
        SplittableRandom random = Seeds.random("KernelReplay");
        // Little metadata, so that allocation comes round again and again; and more, that grows.
        ThinRecording tight = new ThinRecording(folder, "thin-tight", random.split(), 400, 400, 'b');
        tight.steps(50);
        tight.reopen();
        tight.steps(50);
        tight.end();
        ThinRecording growing = new ThinRecording(folder, "thin-growing", random.split(), 700, 1504, 'd');
        growing.steps(40);
        growing.grow(1504, 9000);
        growing.steps(40);
        growing.end();
        EraRecording era = new EraRecording(folder, "era-random", random.split(), 256, 'f');
        era.session(60);
        era.session(40);
        era.session(40);
        CacheRecording one = new CacheRecording(folder, "cache-v1", random.split(), 1, 256, 'i');
        CacheRecording two = new CacheRecording(folder, "cache-v2", random.split(), 2, 256, 'm');
        for (int i = 0; i < 4; i++) {
            one.session();
            two.session();
        }

        List<Path> disks = new ArrayList<>();
        disks.addAll(tight.disks());
        disks.addAll(growing.disks());
        disks.addAll(era.disks(EraRecording.ORIGIN_BYTES));
        disks.addAll(one.disks(CacheRecording.FAST_BYTES, CacheRecording.ORIGIN_BYTES));
        disks.addAll(two.disks(CacheRecording.FAST_BYTES, CacheRecording.ORIGIN_BYTES));
        List<Recording> all = List.of(tight, growing, era, one, two);
        StringBuilder script = new StringBuilder("set -e\n");
        all.forEach(recording -> script.append(recording.script()));
        KernelLab.run(script.toString(), disks.toArray(Path[]::new)).succeeded();

        all.forEach(recording -> GoldenReplayTest.replay(recording.finish()));
    }
}

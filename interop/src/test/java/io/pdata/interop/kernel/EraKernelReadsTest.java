package io.pdata.interop.kernel;

import io.pdata.interop.Seeds;
import io.pdata.interop.kernel.BlockContent.Image;
import io.pdata.testkit.KernelLab;
import io.pdata.testkit.Outcome;
import io.pdata.testkit.PeerTools;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** We track writes; the kernel goes on, and hands the metadata back; we go on again. */
class EraKernelReadsTest {
    @TempDir
    Path folder;

    @Test
    void theKernelUsesWhatWeMadeAndWeUseWhatItHandsBack() {
        KernelLab.need();
        PeerTools.need();
        Path metadata = folder.resolve("meta");
        Path origin = folder.resolve("origin");
        Image.create(metadata, 2 << 20).close();
        Image.create(origin, 5000L * EraGuest.BLOCK_SECTORS * 512).close();
        SplittableRandom random = Seeds.random("EraKernelReads");
        EraWorld world = new EraWorld();
        EraVerdict verdict = new EraVerdict(metadata, world);
        EraOwn own = new EraOwn(metadata, random.split());
        EraWorkload ours = new EraWorkload(random.split(), world, own);
        EraGuest guest = new EraGuest("era", 'b');
        EraWorkload kernels = new EraWorkload(random.split(), world, guest);

        own.format();
        ours.session(1500, 300);
        ours.session(4000, 300);
        verdict.pronounce();

        kernels.session(4000, 40);
        kernels.session(4800, 30);
        Outcome outcome = KernelLab.run("set -e\n" + guest.script(), metadata, origin).succeeded();
        verdict.matchStatus(outcome.lines("era").getLast());
        verdict.pronounce();

        ours.session(2500, 200);
        verdict.pronounce();
    }
}

package io.pdata.interop.kernel;

import io.pdata.interop.Seeds;
import io.pdata.interop.kernel.BlockContent.Image;
import io.pdata.testkit.KernelLab;
import io.pdata.testkit.Outcome;
import io.pdata.testkit.PeerTools;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernel tracks random writes; we read what it recorded. */
class EraKernelWritesTest {
    @TempDir
    Path folder;

    @Test
    void whatTheKernelRecordedReadsAsItsWorkloadImplies() {
        KernelLab.need();
        PeerTools.need();
        Path metadata = folder.resolve("meta");
        Path origin = folder.resolve("origin");
        Image.create(metadata, 2 << 20).close();
        Image.create(origin, 5000L * EraGuest.BLOCK_SECTORS * 512).close();
        EraWorld world = new EraWorld();
        EraGuest guest = new EraGuest("era", 'b');
        EraWorkload workload = new EraWorkload(Seeds.random("EraKernelWrites"), world, guest);
        workload.session(2000, 60);
        workload.session(4500, 60);
        workload.session(3000, 40);

        Outcome outcome = KernelLab.run("set -e\n" + guest.script(), metadata, origin).succeeded();

        EraVerdict verdict = new EraVerdict(metadata, world);
        verdict.matchStatus(outcome.lines("era").getLast());
        verdict.pronounce();
    }
}

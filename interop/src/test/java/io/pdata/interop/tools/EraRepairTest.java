package io.pdata.interop.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.interop.Seeds;
import io.pdata.testkit.Golden;
import io.pdata.testkit.Outcome;
import io.pdata.testkit.PeerTools;
import io.pdata.testkit.RandomTargets;
import io.pdata.tools.LossReport;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.era.EraCheck;
import io.pdata.tools.era.EraRepair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Damages era metadata at random and repairs them: what is written passes all checks, no block looks older than it was,
 * and none newer without a reason that is said. Of what is not damaged, everybody makes the same.
 */
class EraRepairTest extends RandomRepairs {
    private static final int ROUNDS = Seeds.rounds(4, 500);
    private static final List<String> KERNEL = List.of("era-big-2", "era-exact-1", "era-exact-2", "era-exact-3",
            "era-exact-4", "era-exact-5");
    private static final Pattern ERA = Pattern.compile("<era block=\"\\d+\" era=\"(\\d+)\"/>");

    /** Metadata made by us, by the reference tools or by a kernel. */
    @Override
    void make(long seed) throws IOException {
        int who = (int) Math.floorMod(seed, 3L);
        if (who == 2) {
            Golden.unpack(KERNEL.get(new Random(seed).nextInt(KERNEL.size())), whole);
            return;
        }
        Harm.blank(whole, METADATA_BYTES);
        Path xml = Files.writeString(folder.resolve("xml"), RandomTargets.era(new SplittableRandom(seed)));
        if (who == 1) {
            PeerTools.run(PeerTools.CPP, "era_restore", "-i", xml, "-o", whole).succeeded();
        } else {
            Own.output("era_restore", "-i", xml, "-o", whole);
        }
    }

    /** When each block was last written, by a dump with all writesets merged. */
    private static long[] lastWritten(String dump) {
        LongStream.Builder eras = LongStream.builder();
        for (Matcher each = ERA.matcher(dump); each.find();) {
            eras.add(Long.parseLong(each.group(1)));
        }
        return eras.build().toArray();
    }

    @Test
    void nothingThatWasWrittenIsForgotten() throws IOException {
        judgeEach(ROUNDS);
    }

    private void requireSameOfWhatIsWhole(String what) {
        Outcome theirs = PeerTools.run(PeerTools.RUST, "era_dump", "--logical", "--repair", whole);
        Outcome asItIs = PeerTools.run(PeerTools.RUST, "era_dump", "--repair", whole);
        if (theirs.status() == 0 && asItIs.status() == 0) {
            assertThat(Own.output("era_dump", "--logical", "--repair", whole)).as(what).isEqualTo(theirs.output());
            assertThat(Own.output("era_dump", "--repair", whole)).as(what).isEqualTo(asItIs.output());
        }
    }

    @Override
    void judge(String what) throws IOException {
        requireSameOfWhatIsWhole(what);
        long[] before = lastWritten(Own.output("era_dump", "--logical", whole));
        LossReport losses = repair(what, EraRepair::repair);
        requireSound(what);
        long[] after = lastWritten(Own.output("era_dump", "--logical", repaired));
        assertThat(lastWritten(Own.output("era_dump", "--logical", "--repair", damaged))).as(what).isEqualTo(after);
        assertThat(after).as(what).hasSameSizeAs(before);
        for (int i = 0; i < before.length; i++) {
            assertThat(after[i]).as("%s, block %d", what, i).isGreaterThanOrEqualTo(before[i]);
            if (after[i] > before[i]) {
                long block = i;
                assertThat(losses.ranges()).as("%s, block %d", what, i)
                        .anyMatch(range -> range.what().startsWith("writesets")
                                || range.first() <= block && block <= range.last());
            }
        }
        Outcome theirs = PeerTools.run(PeerTools.RUST, "era_dump", "--logical", "--repair", damaged);
        if (theirs.status() == 0 && losses.none()) {
            assertThat(lastWritten(theirs.output())).as(what).isEqualTo(after);
        }
    }

    private void requireSound(String what) {
        othersFindNothing(what, "era_check");
        try (MetadataFile file = MetadataFile.open(repaired)) {
            assertThat(EraCheck.check(file, false, Report.SILENT).all()).as(what).isEmpty();
        }
    }
}

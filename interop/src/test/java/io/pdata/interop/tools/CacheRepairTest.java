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
import io.pdata.tools.ToolException;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.cache.CacheRepair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Damages caches at random and repairs them: what is written passes all checks, whatever the reference tools keep is
 * kept, what is lost is said, and nothing that was dirty is clean.
 */
class CacheRepairTest extends RandomRepairs {
    private static final int ROUNDS = Seeds.rounds(4, 500);
    private static final List<String> KERNEL = List.of("cache-v1-clean", "cache-v2-clean", "cache-exact-v1-3",
            "cache-exact-v2-4", "cache-v1-unclean", "cache-v2-unclean");
    private static final Pattern MAPPING = Pattern
            .compile("<mapping cache_block=\"(\\d+)\" origin_block=\"(\\d+)\" dirty=\"(\\w+)\"/>");

    private record Mapping(long origin, boolean dirty) {}

    /** A cache made by us, by the reference tools or by a kernel. */
    @Override
    void make(long seed) throws IOException {
        Random random = new Random(seed);
        int who = (int) Math.floorMod(seed, 4L);
        if (who == 3) {
            Golden.unpack(KERNEL.get(random.nextInt(KERNEL.size())), whole);
            return;
        }
        Harm.blank(whole, METADATA_BYTES);
        Path xml = Files.writeString(folder.resolve("xml"), xml(new SplittableRandom(seed)));
        if (who == 2) {
            PeerTools.run(PeerTools.RUST, "cache_restore", "-i", xml, "-o", whole).succeeded();
        } else {
            Own.output("cache_restore", "-i", xml, "-o", whole, "--metadata-version", 1 + who);
        }
    }

    /** With at least one cache block: the reference tools cannot dump others. */
    private static String xml(SplittableRandom random) {
        String xml = RandomTargets.cache(random);
        return xml.contains("nr_cache_blocks=\"0\"") ? xml(random) : xml;
    }

    private static Map<Long, Mapping> mappings(String dump) {
        Map<Long, Mapping> mappings = new TreeMap<>();
        for (Matcher each = MAPPING.matcher(dump); each.find();) {
            mappings.put(Long.parseLong(each.group(1)),
                    new Mapping(Long.parseLong(each.group(2)), Boolean.parseBoolean(each.group(3))));
        }
        return mappings;
    }

    private static String dump(Path metadata) {
        return PeerTools.run(PeerTools.RUST, "cache_dump", metadata).succeeded().output();
    }

    @Test
    void whatOthersKeepIsKeptAndWhatIsLostIsSaid() throws IOException {
        judgeEach(ROUNDS);
    }

    /** Of a cache that was not shut down, everything is dirty; 1.1.0 cannot dump all of these. */
    private String dumpWhole() {
        return Own.output("cache_dump", "--repair", whole);
    }

    @Override
    void judge(String what) throws IOException {
        Map<Long, Mapping> before = mappings(dumpWhole());
        LossReport losses;
        try {
            losses = repair(what, CacheRepair::repair);
        } catch (ToolException e) {
            for (String version : PeerTools.VERSIONS) {
                if (theirs(version).status() == 0) {
                    assertThat(mappings(dump(folder.resolve("theirs")))).as(what + ": " + e.getMessage()).isEmpty();
                }
            }
            return;
        }
        requireSound(what);
        Map<Long, Mapping> ours = mappings(dump(repaired));
        assertThat(mappings(Own.output("cache_dump", "--repair", damaged))).as(what).isEqualTo(ours);
        before.forEach((block, mapping) -> {
            Mapping kept = ours.get(block);
            if (kept == null) {
                assertThat(losses.ranges()).as("%s, cache block %d", what, block)
                        .anyMatch(range -> range.what().startsWith("mappings") && range.first() <= block
                                && block <= range.last());
            } else {
                assertThat(kept.origin()).as("%s, cache block %d", what, block).isEqualTo(mapping.origin());
                assertThat(kept.dirty() || !mapping.dirty()).as("%s, cache block %d", what, block).isTrue();
            }
        });
        assertThat(before.keySet()).as(what).containsAll(ours.keySet());
        for (String version : PeerTools.VERSIONS) {
            if (theirs(version).status() == 0) {
                mappings(dump(folder.resolve("theirs"))).forEach((block, mapping) -> assertThat(ours.get(block))
                        .as("%s, cache block %d by %s", what, block, version)
                        .isIn(mapping, new Mapping(mapping.origin(), true)));
            }
        }
    }

    private void requireSound(String what) {
        othersFindNothing(what, "cache_check");
        try (MetadataFile file = MetadataFile.open(repaired)) {
            assertThat(CacheCheck.check(file, CacheCheck.Options.FULL, Report.SILENT).all()).as(what).isEmpty();
        }
    }

    private Outcome theirs(String version) throws IOException {
        Path theirs = folder.resolve("theirs");
        Harm.blank(theirs, METADATA_BYTES);
        return PeerTools.run(version, "cache_repair", "-i", damaged, "-o", theirs);
    }
}

package io.pdata.interop.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.testkit.PeerTools;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What thin_ls, thin_rmap and thin_delta print is what the reference tools print, or what their dumps say. */
class ThinToolsTest {
    private static final String FIELDS = "DEV,MAPPED_BLOCKS,EXCLUSIVE_BLOCKS,SHARED_BLOCKS,MAPPED_SECTORS,"
            + "EXCLUSIVE_SECTORS,SHARED_SECTORS,MAPPED_BYTES,EXCLUSIVE_BYTES,SHARED_BYTES,MAPPED,EXCLUSIVE,SHARED,"
            + "HIGHEST_BLOCK,HIGHEST_SECTOR,HIGHEST_BYTE,HIGHEST_MAPPED,TRANSACTION,CREATE_TIME,SNAP_TIME";
    private static final Pattern RUN = Pattern
            .compile("data (\\d+)\\.\\.(\\d+) -> thin\\((\\d+)\\) (\\d+)\\.\\.(\\d+)");
    private static final Pattern DEVICE = Pattern.compile("dev_id=\"(\\d+)\"");
    private static final Pattern SINGLE = Pattern.compile("origin_block=\"(\\d+)\" data_block=\"(\\d+)\"");
    private static final Pattern RANGE = Pattern
            .compile("origin_begin=\"(\\d+)\" data_begin=\"(\\d+)\" length=\"(\\d+)\"");

    @TempDir
    private Path folder;

    /** A data block, the volume that has it, and the virtual block where. */
    private record Use(long data, long device, long origin) implements Comparable<Use> {
        @Override
        public int compareTo(Use other) {
            int order = Long.compare(data, other.data);
            order = order != 0 ? order : Long.compare(device, other.device);
            return order != 0 ? order : Long.compare(origin, other.origin);
        }
    }

    @BeforeEach
    void needPeers() {
        PeerTools.need();
    }

    @Test
    void listsAreTheSame() {
        Metadata.golden("thin-", folder, (name, file) -> compareLists(name, file, ""));
        Metadata.random(folder, (name, file, content) -> {
            compareLists(name, file, "");
            if (content.metadataSnapshot()) {
                compareLists(name, file, "-m");
            }
        });
    }

    private static void compareLists(String name, Path file, String option) {
        Object[] arguments = option.isEmpty()
                ? new Object[]{"-o", FIELDS, file}
                : new Object[]{option, "-o", FIELDS, file};
        String theirs = PeerTools.run(PeerTools.RUST, "thin_ls", arguments).succeeded().output();
        Object[] own = new Object[arguments.length + 1];
        own[0] = "thin_ls";
        System.arraycopy(arguments, 0, own, 1, arguments.length);
        assertThat(Own.output(own)).as(name).isEqualTo(theirs);
    }

    /** The reference tools' thin_rmap leaves out volumes whose nodes others have too, so their dumps are the judge. */
    @Test
    void dataBlocksAreUsedByWhomTheDumpSays() {
        Metadata.golden("thin-", folder, this::compareUses);
        Metadata.random(folder, (name, file, _) -> compareUses(name, file));
    }

    private void compareUses(String name, Path file) {
        TreeSet<Use> expected = new TreeSet<>();
        usesInDump(PeerTools.run(PeerTools.CPP, "thin_dump", file).succeeded().output(), expected);
        String output = Own.output("thin_rmap", "--region", "100..180", "--region", "1500..1700", file);
        TreeSet<Use> found = new TreeSet<>();
        output.lines().forEach(line -> usesInRun(line, found));
        assertThat(found).as(name).isEqualTo(expected);
        String theirs = PeerTools.run(PeerTools.RUST, "thin_rmap", "--region", "100..180", "--region", "1500..1700",
                file).succeeded().output();
        if (usesIn(theirs).equals(found)) {
            assertThat(output).as(name).isEqualTo(theirs);
        }
    }

    private static TreeSet<Use> usesIn(String runs) {
        TreeSet<Use> uses = new TreeSet<>();
        runs.lines().forEach(line -> usesInRun(line, uses));
        return uses;
    }

    private static void usesInRun(String line, TreeSet<Use> uses) {
        Matcher run = RUN.matcher(line);
        assertThat(run.matches()).as(line).isTrue();
        long length = number(run, 2) - number(run, 1);
        assertThat(number(run, 5) - number(run, 4)).as(line).isEqualTo(length).isPositive();
        for (long i = 0; i < length; i++) {
            uses.add(new Use(number(run, 1) + i, number(run, 3), number(run, 4) + i));
        }
    }

    /** Reads a dump without shared parts, as the first generation writes it. */
    private static void usesInDump(String xml, TreeSet<Use> uses) {
        long[] device = new long[1];
        xml.lines().forEach(line -> {
            Matcher id = DEVICE.matcher(line);
            Matcher single = SINGLE.matcher(line);
            Matcher range = RANGE.matcher(line);
            if (id.find()) {
                device[0] = number(id, 1);
            } else if (single.find()) {
                add(number(single, 2), device[0], number(single, 1), 1, uses);
            } else if (range.find()) {
                add(number(range, 2), device[0], number(range, 1), number(range, 3), uses);
            }
        });
    }

    /** Adds those in the regions that are asked for. */
    private static void add(long data, long device, long origin, long length, TreeSet<Use> uses) {
        for (long block = Math.max(data, 100); block < Math.min(data + length, 1700); block++) {
            if (block < 180 || block >= 1500) {
                uses.add(new Use(block, device, origin + block - data));
            }
        }
    }

    private static long number(Matcher matcher, int group) {
        return Long.parseLong(matcher.group(group));
    }

    @Test
    void differencesAreTheSame() {
        Metadata.random(folder, (name, file, content) -> {
            for (long[] pair : pairs(content.volumes())) {
                Object[] sides = {"--thin1", pair[0], "--thin2", pair[1], file};
                String what = name + ", volumes " + pair[0] + " and " + pair[1];
                assertThat(Own.output("thin_delta", "--thin1", pair[0], "--thin2", pair[1], file)).as(what)
                        .isEqualTo(PeerTools.run(PeerTools.RUST, "thin_delta", sides).succeeded().output());
                compareVerbosely(what, pair, file);
            }
        });
    }

    /** 1.x joins ranges whose data blocks do not follow each other; the first generation does not, and says more of the pool. */
    private static void compareVerbosely(String what, long[] pair, Path file) {
        String theirs = PeerTools
                .run(PeerTools.CPP, "thin_delta", "--verbose", "--thin1", pair[0], "--thin2", pair[1], file).succeeded()
                .output().replaceFirst(" metadata_snap=\"\\d+\"", "").stripTrailing();
        assertThat(Own.output("thin_delta", "--verbose", "--thin1", pair[0], "--thin2", pair[1], file)).as(what)
                .isEqualTo(theirs);
    }

    /** Leaving out what is the same leaves out that and nothing else. */
    @Test
    void changesAreWhatIsNotTheSame() {
        Metadata.random(folder, (name, file, content) -> {
            for (long[] pair : pairs(content.volumes())) {
                String all = Own.output("thin_delta", "--thin1", pair[0], "--thin2", pair[1], file);
                String changes = Own.output("thin_delta", "--changes-only", "--thin1", pair[0], "--thin2", pair[1],
                        file);
                assertThat(changes.lines()).as(name)
                        .containsExactlyElementsOf(all.lines().filter(line -> !line.contains("<same")).toList());
            }
        });
    }

    private static List<long[]> pairs(List<Long> volumes) {
        List<long[]> pairs = new ArrayList<>();
        for (int i = 0; i + 1 < volumes.size() && i < 3; i++) {
            pairs.add(new long[]{volumes.get(i), volumes.get(i + 1)});
        }
        return pairs;
    }
}

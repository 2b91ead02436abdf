package io.pdata.interop.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.testkit.KernelLab;
import io.pdata.testkit.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** thin_migrate and thin_trim, in a guest; {@link io.pdata.tools.thin.ThinTrim} is tested without a kernel, too. */
@Order(2)
class KernelToolsTest {
    private static final boolean LONG = Boolean.getBoolean("long.tests");
    private static final long DATA = 32L << 20;
    private static final long BLOCK_SECTORS = 128;
    private static final long DATA_BLOCK = BLOCK_SECTORS * 512;

    @TempDir
    Path folder;

    @Test
    void toolsThatAskTheKernelHearWhatTheyWantToKnow() throws IOException {
        Path programs = Guest.programs(folder);
        Path data = Guest.disk(folder, "data", DATA);
        Outcome outcome = KernelLab.run("long=" + LONG + "\n" + Guest.script("tools.sh"), programs,
                Guest.disk(folder, "metadata", 4 << 20), data, Guest.disk(folder, "copy", 10 << 20),
                Guest.disk(folder, "origin", 6 << 20)).succeeded();

        Map<String, String> results = words(outcome, "result");
        Map<String, String> refused = new TreeMap<>(Map.of("writable", "not a read-only device: '/dev/mapper/web'",
                "unknown", "couldn't find thin device with id 11", "changed", "the metadata snapshot is not of the"));
        if (LONG) {
            refused.putAll(Map.of("nosnapshot", "no current metadata snap", "buffer", "buffer size too small",
                    "lengths", "lengths differ: input(10485760) != output(4194304)", "notthin",
                    "dm expected table type thin, dm actual table type linear", "notdm", "not a dm device: ",
                    "livetrim", "/dev/mapper/meta: in use", "liverestore", "/dev/mapper/meta: in use"));
        }
        refused.forEach((name, why) -> {
            assertThat(results.remove(name)).as(name).isEqualTo("64");
            assertThat(words(outcome, "said").get(name)).as(name).startsWith(why);
        });
        assertThat(results.values()).as(outcome.output()).hasSize(LONG ? 7 : 6).allMatch("0"::equals);
        copiesAreWhatTheKernelReads(words(outcome, "sum"));
        assertThat(words(outcome, "mapped")).isEqualTo(Map.of("snap", Long.toString(61 * BLOCK_SECTORS), "copy",
                Long.toString((61 + 3) * BLOCK_SECTORS), "onto", Long.toString((5 + 1) * BLOCK_SECTORS)));

        Map<String, String> marks = words(outcome, "marks");
        assertThat(Long.parseLong(marks.get("before"))).isGreaterThan(90 * DATA_BLOCK);
        assertThat(Long.parseLong(marks.get("after"))).isLessThan(DATA_BLOCK);
        assertThat(stored(data)).as("blocks of the disk's image that are not empty").isEqualTo(61 + 2 + 13 + 6);
    }

    private static void copiesAreWhatTheKernelReads(Map<String, String> sums) {
        assertThat(List.of(sums.get("file"), sums.get("device"), sums.get("thin"), sums.get("snaptrimmed")))
                .containsOnly(sums.get("web"));
        assertThat(sums.getOrDefault("snapshot", sums.get("web"))).isEqualTo(sums.get("web"));
        assertThat(sums.get("filesize")).isEqualTo("10485760");
        assertThat(sums.get("known")).isEqualTo(sums.get("mail"));
        assertThat(sums.get("origin")).isEqualTo(sums.get("onto"));
        assertThat(sums.get("webtrimmed")).isEqualTo(sums.get("webnow")).isNotEqualTo(sums.get("web"));
        assertThat(sums.get("mailtrimmed")).isEqualTo(sums.get("mailnow")).isNotEqualTo(sums.get("mail"));
    }

    /** How much of a file is not zeroes, in data blocks. */
    private static long stored(Path file) throws IOException {
        long blocks = 0;
        byte[] zeroes = new byte[(int) DATA_BLOCK];
        try (InputStream in = Files.newInputStream(file)) {
            for (byte[] block = in.readNBytes(zeroes.length); block.length > 0; block = in.readNBytes(zeroes.length)) {
                blocks += Arrays.equals(block, zeroes) ? 0 : 1;
            }
        }
        return blocks;
    }

    /** The last line of a kind for each first word. */
    private static Map<String, String> words(Outcome outcome, String kind) {
        Map<String, String> words = new TreeMap<>();
        outcome.lines(kind).forEach(line -> words.put(line.split(" ")[0], line.substring(line.indexOf(' ') + 1)));
        return words;
    }
}

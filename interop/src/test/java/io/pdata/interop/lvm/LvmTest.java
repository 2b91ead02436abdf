package io.pdata.interop.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.testkit.KernelLab;
import io.pdata.testkit.LvmLab;
import io.pdata.testkit.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The installed program: it starts wherever its folder is; and Debian's LVM, in a guest, with the programs of this project
 * as those that it calls.
 */
class LvmTest {
    private static final long PHYSICAL_VOLUME = 512L << 20;
    private static final boolean LONG = Boolean.getBoolean("long.tests");
    private static final long DATA = 32L << 20;
    private static final long DATA_BLOCK = 64 << 10;
    private static final Path TOUR = Path.of(System.getProperty("project.root", ".."), "docs/tour/pool.img")
            .toAbsolutePath();

    @TempDir
    static Path folder;

    private static Path program;

    @BeforeAll
    static void install() {
        program = Distribution.program();
    }

    @Test
    void theProgramRunsWhereverItIsAndUnderTheNamesOfTheTools() throws IOException {
        Distribution.Result check = Distribution.run(Map.of(), program.resolve("bin/thin_check"), TOUR.toString());
        assertThat(check.status()).isZero();
        assertThat(check.output()).startsWith("TRANSACTION_ID=7\n");
        Path link = Files.createSymbolicLink(folder.resolve("thin_dump"), program.resolve("bin/pdata"));
        assertThat(Distribution.run(Map.of(), link, TOUR.toString()).output()).startsWith("<superblock uuid=");
        assertThat(Distribution.run(Map.of(), program.resolve("bin/pdata"), "links", folder.resolve("links").toString())
                .status()).isZero();
        assertThat(Distribution.run(Map.of(), folder.resolve("links/thin_check"), "-V").output())
                .matches("\\d+\\.\\d+\\.\\d+\\n");
    }

    /** Answers on the control socket are read by names that packaging must leave in. */
    @Test
    void aServedPoolAnswersTheProgram() throws IOException, InterruptedException {
        Path pool = folder.resolve("pool");
        Path pdata = program.resolve("bin/pdata");
        Process server = new ProcessBuilder(pdata.toString(), "serve", pool.toString(), "--size", "16M",
                "--listen", "unix:" + folder.resolve("nbd.sock")).redirectErrorStream(true).start();
        try (BufferedReader said = server.inputReader()) {
            assertThat(said.lines().anyMatch(line -> line.contains("nbd-client"))).isTrue();
            Distribution.Result list = Distribution.run(Map.of(), pdata, "volume", "list", pool.toString(), "-o",
                    "name,size", "--no-headings");
            assertThat(list.output()).isEqualTo("vol0  16.00 MiB\n");
            assertThat(Distribution.run(Map.of(), pdata, "extract", pool.toString(), "vol0",
                    folder.resolve("extracted").toString()).output()).startsWith("extracted 16.00 MiB");
        } finally {
            server.destroy();
            assertThat(server.waitFor()).isZero();
        }
    }

    /** The virtual machine is told to fail unless it can use what was noted when the program was packaged. */
    @Test
    void whatShortensTheStartIsInUse() {
        Map<String, String> strictly = Map.of("PDATA_JAVA", "-XX:+UseSerialGC -XX:-UsePerfData -XX:AOTMode=on");
        assertThat(Distribution.run(strictly, program.resolve("bin/pdata"), "--version").status()).isZero();
    }

    @Test
    void lvmCallsOurProgramsAndItsVolumesKeepTheirContent() throws IOException {
        Outcome outcome = KernelLab.run(script("guest.sh"), tools(), disk("volume.img", PHYSICAL_VOLUME)).succeeded();

        assertThat(outcome.lines("result")).as(outcome.output()).allMatch(result -> result.endsWith(" 0"));
        Map<String, List<String>> sums = new TreeMap<>();
        outcome.lines("sum").stream().map(line -> line.split(" ")).forEach(words -> sums.merge(words[0],
                List.of(words[2]), (some, more) -> Stream.of(some, more).flatMap(List::stream).distinct().toList()));
        assertThat(sums.keySet()).containsExactly("mail", "monday", "slow", "web");
        assertThat(sums.values()).as("%s", sums).allMatch(different -> different.size() == 1);
        assertThat(sums.values().stream().distinct()).as("%s", sums).hasSize(4);
        assertThat(outcome.lines("call")).contains("thin_check -q /dev/mapper/vg-pool_tmeta = 0",
                "thin_check -q /dev/mapper/vg-pool_tmeta = 64", "thin_dump /dev/mapper/vg-lvol0_pmspare = 0")
                .anyMatch(call -> call.matches("thin_repair +-i /dev/mapper/vg-pool_tmeta -o \\S+ = 0"))
                .anyMatch(call -> call.matches("cache_check -q --clear-needs-check-flag \\S+ = 0"))
                .anyMatch(call -> call.matches("cache_repair +-i /dev/mapper/vg-fast_cpool_cmeta -o \\S+ = 0"));
    }

    /** thin_migrate and thin_trim; {@link io.pdata.tools.thin.ThinTrim} and others are tested without a kernel, too. */
    @Test
    void toolsThatAskTheKernelHearWhatTheyWantToKnow() throws IOException {
        Path data = disk("data.img", DATA);
        Outcome outcome = KernelLab.run("long=" + LONG + "\n" + script("tools.sh"), tools(),
                disk("metadata.img", 4 << 20), data, disk("copy.img", 10 << 20)).succeeded();

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
        assertThat(results.values()).as(outcome.output()).hasSize(LONG ? 5 : 4).allMatch("0"::equals);
        Map<String, String> sums = words(outcome, "sum");
        assertThat(List.of(sums.get("file"), sums.get("device"), sums.get("snaptrimmed")))
                .containsOnly(sums.get("web"));
        assertThat(sums.getOrDefault("snapshot", sums.get("web"))).isEqualTo(sums.get("web"));
        assertThat(sums.get("filesize")).isEqualTo("10485760");
        assertThat(sums.get("known")).isEqualTo(sums.get("mail"));
        assertThat(sums.get("webtrimmed")).isEqualTo(sums.get("webnow")).isNotEqualTo(sums.get("web"));
        assertThat(sums.get("mailtrimmed")).isEqualTo(sums.get("mailnow")).isNotEqualTo(sums.get("mail"));

        Map<String, String> marks = words(outcome, "marks");
        assertThat(Long.parseLong(marks.get("before"))).isGreaterThan(90 * DATA_BLOCK);
        assertThat(Long.parseLong(marks.get("after"))).isLessThan(DATA_BLOCK);
        assertThat(stored(data)).as("blocks of the disk's image that are not empty").isEqualTo(61 + 2 + 13);
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

    private static Path tools() {
        LvmLab.need();
        Path tools = folder.resolve("tools.img");
        if (!Files.exists(tools)) {
            LvmLab.disk(program, tools);
        }
        return tools;
    }

    private static Path disk(String name, long bytes) throws IOException {
        Path disk = folder.resolve(name);
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(bytes);
        }
        return disk;
    }

    private static String script(String name) throws IOException {
        try (InputStream in = LvmTest.class.getResourceAsStream("/lvm/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}

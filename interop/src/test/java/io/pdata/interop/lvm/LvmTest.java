package io.pdata.interop.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.testkit.KernelLab;
import io.pdata.testkit.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The installed program: it starts wherever its folder is; and Debian's LVM, in a guest, with the programs of this project
 * as those that it calls.
 */
@Order(1)
class LvmTest {
    private static final long PHYSICAL_VOLUME = 512L << 20;
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
                .startsWith("1.3.3 (pdata ");
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

    /** Damage of a cache with metadata of format 2 is believed only of a cache_check whose version is at least 0.7. */
    @Test
    void lvmCallsOurProgramsAndItsVolumesKeepTheirContent() {
        Outcome outcome = KernelLab.run(Guest.script("guest.sh"), Guest.programs(folder),
                Guest.disk(folder, "volume", PHYSICAL_VOLUME)).succeeded();

        assertThat(outcome.lines("result")).as(outcome.output()).allMatch(result -> result.endsWith(" 0"));
        Map<String, List<String>> sums = new TreeMap<>();
        outcome.lines("sum").stream().map(line -> line.split(" ")).forEach(words -> sums.merge(words[0],
                List.of(words[2]), (some, more) -> Stream.of(some, more).flatMap(List::stream).distinct().toList()));
        assertThat(sums.keySet()).containsExactly("mail", "monday", "slow", "slower", "web");
        assertThat(sums.values()).as("%s", sums).allMatch(different -> different.size() == 1);
        assertThat(sums.values().stream().distinct()).as("%s", sums).hasSize(5);
        assertThat(outcome.lines("format")).map(line -> line.split(" +")).containsExactly(new String[]{"slow", "1"},
                new String[]{"slower", "2"});
        assertThat(outcome.output()).doesNotContain("Check is skipped").contains(
                "Check of pool vg/fast_cpool failed (status:64). Manual repair required!",
                "Check of pool vg/faster_cpool failed (status:64). Manual repair required!");
        assertThat(outcome.lines("call")).contains("thin_check -q /dev/mapper/vg-pool_tmeta = 0",
                "thin_check -q /dev/mapper/vg-pool_tmeta = 64", "thin_dump /dev/mapper/vg-lvol0_pmspare = 0")
                .anyMatch(call -> call.matches("thin_repair +-i /dev/mapper/vg-pool_tmeta -o \\S+ = 0"))
                .contains("cache_check -q --clear-needs-check-flag /dev/mapper/vg-fast_cpool_cmeta = 0",
                        "cache_check -q --clear-needs-check-flag /dev/mapper/vg-faster_cpool_cmeta = 0")
                .anyMatch(call -> call.matches("cache_repair +-i /dev/mapper/vg-fast_cpool_cmeta -o \\S+ = 0"))
                .anyMatch(call -> call.matches("cache_repair +-i /dev/mapper/vg-faster_cpool_cmeta -o \\S+ = 0"));
    }
}

package io.pdata.interop.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The installed program starts in an unusual environment, or says why not with a documented status. */
class StartTest {
    private static final String CHECKED = "TRANSACTION_ID=7\nMETADATA_FREE_BLOCKS=982\n";
    private static final String STAGES = "Checking thin metadata\ndevice details tree\nmapping tree\n";

    @TempDir
    private Path folder;

    private Distribution.Result shell(String line) throws IOException {
        Path image = folder.resolve("pool.img");
        if (!Files.exists(image)) {
            Files.copy(Path.of(System.getProperty("project.root", ".."), "docs/tour/pool.img"), image);
        }
        Map<String, String> environment = new HashMap<>();
        environment.put("check", Distribution.program().resolve("bin/thin_check").toString());
        environment.put("dump", Distribution.program().resolve("bin/thin_dump").toString());
        Distribution.Result result = Distribution.run(environment, Path.of("/bin/sh"), "-c",
                "cd '" + folder + "' && " + line);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.startsWith("hs_err"));
        }
        return result;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"$check pool.img >&-", "$check pool.img <&- >&-"})
    void withoutStandardOutput(String line) throws IOException {
        assertThat(shell(line)).isEqualTo(new Distribution.Result(0, STAGES));
    }

    @Test
    void withoutStandardErrorOrInput() throws IOException {
        assertThat(shell("$check pool.img 2>&-")).isEqualTo(new Distribution.Result(0, CHECKED));
        assertThat(shell("$check pool.img <&- >&- 2>&-")).isEqualTo(new Distribution.Result(0, ""));
        assertThat(shell("$check --unknown 2>&-").status()).isEqualTo(2);
        assertThat(shell("trap '' PIPE; $dump pool.img | head -c 5").output()).isEqualTo("<supe");
    }

    @ParameterizedTest
    @CsvSource({"JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS"})
    void optionsForAllVirtualMachinesAreNotTaken(String variable) throws IOException {
        assertThat(shell(variable + "=-XX:+NoSuchOption $check pool.img"))
                .isEqualTo(new Distribution.Result(0, CHECKED + STAGES));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"HOME=/none TMPDIR=/none", "LC_ALL=tr_TR.UTF-8", "LANG=xx LC_ALL=C"})
    void variablesOfOtherMachinesDoNotMatter(String variables) throws IOException {
        assertThat(shell("cp pool.img p\u00e9.img && " + variables + " $check p\u00e9.img"))
                .isEqualTo(new Distribution.Result(0, CHECKED + STAGES));
    }

    @Test
    void aDeletedWorkingDirectoryLeavesAbsolutePaths() throws IOException {
        String gone = "mkdir gone && cd gone && rmdir ../gone && ";
        assertThat(shell(gone + "$check -q " + folder + "/pool.img").status()).isZero();
        Distribution.Result relative = shell(gone + "$check pool.img");
        assertThat(relative.status()).isEqualTo(2);
        assertThat(relative.output()).contains("the working directory has been deleted: give an absolute path")
                .doesNotContain("\tat ");
    }

    @Test
    void namesOfFilesThatAreNotUtf8AreExplained() throws IOException {
        Distribution.Result result = shell("$check \"$(printf 'p\\377.img')\"");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.output()).contains("the name is not UTF-8");
    }

    @ParameterizedTest
    @CsvSource({"100000,71", "900000,71", "1200000,0", "3000000,0", "8000000,0"})
    void withALimitOfAddressSpace(long kibibytes, int status) throws IOException {
        Distribution.Result result = shell("ulimit -v " + kibibytes + " && $check pool.img");
        assertThat(result.status()).as(result.output()).isEqualTo(status);
        assertThat(result.output()).doesNotContain("\tat ");
    }

    @Test
    void withoutProc() throws IOException {
        assumeTrue(shell("unshare -m true").status() == 0, "not root");
        assertThat(shell("unshare -m sh -c 'umount -l /proc && $check pool.img'"))
                .isEqualTo(new Distribution.Result(0, CHECKED + STAGES));
    }
}

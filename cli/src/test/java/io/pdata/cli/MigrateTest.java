package io.pdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What thin_migrate refuses before it asks the kernel; all else is in the tests with a kernel. */
class MigrateTest {
    @TempDir
    private Path folder;

    private record Result(int status, String err) {}

    private static Result run(Object... arguments) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(
                Stream.concat(Stream.of("thin_migrate"), Stream.of(arguments)).map(Object::toString)
                        .toArray(String[]::new),
                new PrintStream(new ByteArrayOutputStream(), true), new PrintStream(err, true));
        return new Result(status, err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void sourceAndDestinationAreNeeded() {
        assertThat(run()).isEqualTo(new Result(64, "You must specify a source\n"));
        assertThat(run("--dest-file", "x")).isEqualTo(new Result(64, "You must specify a source\n"));
        assertThat(run("--source-dev", "x")).isEqualTo(new Result(64, "You must specify a dest\n"));
        assertThat(run("-q", "--source-dev", "x")).isEqualTo(new Result(64, ""));
        assertThat(run("--source-dev", "x", "--dest-file", "y", "--dest-dev", "z").status()).isEqualTo(2);
        assertThat(run("--source-dev", "x", "--dest-file", "y", "--delta-id", "3").err()).startsWith("--delta-id");
        assertThat(run("--buffer-size-meg", "z").status()).isEqualTo(2);
    }

    @Test
    void whatCannotBeTheSourceOrTheDestinationIsNamed() throws IOException {
        Path file = Files.write(folder.resolve("file"), new byte[4096]);
        Path none = folder.resolve("none");
        assertThat(run("--source-dev", file, "--dest-dev", file))
                .isEqualTo(new Result(64, "not a block device: '" + file + "'\n"));
        assertThat(run("--source-dev", file, "--dest-dev", none)).isEqualTo(new Result(64, none + ": no such file\n"));
        assertThat(run("--source-dev", file, "--dest-file", folder))
                .isEqualTo(new Result(64, "not a block device: '" + folder + "'\n"));
        assertThat(run("--source-dev", none, "--dest-file", folder.resolve("new")))
                .isEqualTo(new Result(64, none + ": no such file\n"));
        assertThat(run("--source-dev", file, "--dest-file", folder.resolve("new")))
                .isEqualTo(new Result(64, "not a block device: '" + file + "'\n"));
        assertThat(folder.resolve("new")).doesNotExist();
        assertThat(file).hasSize(4096);
    }
}

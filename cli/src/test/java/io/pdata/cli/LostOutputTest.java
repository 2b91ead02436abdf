package io.pdata.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pdata.cli.tool.Unfinished;
import io.pdata.testkit.Golden;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Output that finds no room, and work that is not done when the process is told to end. */
class LostOutputTest {
    private static final File FULL = new File("/dev/full");

    @TempDir
    private Path folder;

    private Path image;

    @BeforeEach
    void unpack() {
        image = Golden.unpack("thin-fresh", folder.resolve("image"));
    }

    /** A program in a process of its own. */
    private static ProcessBuilder java(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                        main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    private static String run(String... arguments) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(arguments, new PrintStream(new ByteArrayOutputStream()), new PrintStream(err, true));
        return status + " " + err.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({"inspect,64", "volume,1"})
    void resultsThatFindNoRoomAreAFailure(String command, int failure) throws Exception {
        assumeTrue(FULL.exists(), "Linux has such a device");
        String[] arguments = command.equals("inspect")
                ? new String[]{command, image.toString()}
                : new String[]{command, "create", "--help"};
        Process process = java(Main.class, arguments).redirectOutput(FULL).start();
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("output error: /dev/full cannot be written\n");
        assertThat(process.waitFor()).isEqualTo(failure);
    }

    @Test
    void resultsThatNobodyReadsAreNone() throws Exception {
        Process process = java(Main.class, "inspect", image.toString()).start();
        process.getInputStream().close();
        assertThat(process.getErrorStream().readAllBytes()).isEmpty();
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void anOutputFileThatFindsNoRoomIsNamed() {
        assumeTrue(FULL.exists(), "Linux has such a device");
        assertThat(run("thin_dump", image.toString(), "-o", FULL.toString()))
                .isEqualTo("64 output error: /dev/full: No space left on device\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"thin_dump", "thin_dump -r", "cache_dump", "era_dump", "era_invalidate --written-since 1",
        "thin_restore -i", "cache_restore -i", "era_restore -i"})
    void nothingIsWrittenOverWhatIsReadForIt(String tool) throws IOException {
        byte[] before = Files.readAllBytes(image);
        Path other = Files.createLink(folder.resolve("other"), image);
        List<String> arguments = new ArrayList<>(List.of(tool.split(" ")));
        arguments.addAll(List.of(image.toString(), "-o", other.toString()));
        assertThat(run(arguments.toArray(String[]::new))).startsWith("64 input and output are the same file");
        assertThat(image).hasBinaryContent(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--limit", "--depth"})
    void numbersOfLinesThatCannotBeAreRefused(String option) {
        assertThat(run("inspect", image.toString(), option + "=-1")).startsWith("2 error: invalid value");
    }

    @Test
    void aQuestionWhoseAnswerCannotBeReadIsNotAnsweredWithYes() throws IOException {
        Path other = Files.copy(image, folder.resolve("other"));
        InputStream before = System.in;
        System.setIn(new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("Is a directory");
            }
        });
        try {
            assertThat(run("thin_metadata_pack", "-i", image.toString(), "-o", other.toString())).startsWith("64 ")
                    .endsWith("Output file not overwritten: no answer can be read: Is a directory\n");
        } finally {
            System.setIn(before);
        }
        assertThat(other).hasSameBinaryContentAs(image);
    }

    /** Says that it has begun, or is done, with a file, and waits. */
    static final class Work {
        private Work() {}

        public static void main(String[] arguments) throws IOException {
            Path file = Files.createFile(Path.of(arguments[0]));
            try (Unfinished _ = new Unfinished(() -> Files.delete(file), System.err)) {
                if (arguments[1].equals("begun")) {
                    System.out.println("begun");
                    System.in.read();
                }
            }
            System.out.println("done");
            System.in.read();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"begun", "done"})
    void whatIsUnfinishedIsUndoneWhenTheProcessEnds(String stage) throws Exception {
        Path file = folder.resolve("file");
        Process process = java(Work.class, file.toString(), stage).start();
        assertThat(process.inputReader().readLine()).isEqualTo(stage);
        assertThat(file).exists();
        process.toHandle().destroy(); // its streams stay open
        assertThat(process.waitFor()).isEqualTo(128 + 15);
        assertThat(process.errorReader().lines()).isEmpty();
        assertThat(Files.exists(file)).isEqualTo(stage.equals("done"));
    }
}

package io.pdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.FileDevice;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What README.md shows is what happens: its commands are run, and its Java is the code of a test. */
class ReadmeTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    private record Command(String line, List<String> output) {}

    /** The commands of all console blocks, and what stands below each. */
    private static List<Command> commands() throws IOException {
        List<Command> commands = new ArrayList<>();
        boolean inside = false;
        for (String line : Files.readAllLines(ROOT.resolve("README.md"))) {
            if (line.startsWith("```")) {
                inside = line.equals("```console");
            } else if (inside && line.startsWith("$ ")) {
                commands.add(new Command(line.substring(2), new ArrayList<>()));
            } else if (inside) {
                commands.getLast().output().add(line);
            }
        }
        return commands;
    }

    @Test
    void theTourPrintsWhatItSays() throws Exception {
        Files.createDirectories(folder.resolve("docs/tour"));
        for (String image : List.of("pool.img", "cache.img", "era.img")) {
            Files.copy(ROOT.resolve("docs/tour/" + image), folder.resolve("docs/tour/" + image));
        }
        int status = 0;
        int run = 0;
        for (Command command : commands()) {
            if (command.line().startsWith("./pdata ")) {
                status = runPdata(command);
                run++;
            } else if (command.line().equals("echo $?")) {
                assertThat(command.output()).containsExactly("" + status);
            } else {
                runShell(command);
            }
        }
        assertThat(run).as("commands of ours").isGreaterThan(5);
    }

    /** Standard output first, then standard error; "..." stands for all that is left. */
    private int runPdata(Command command) {
        String[] arguments = Arrays.stream(command.line().split(" ")).skip(1)
                .map(word -> word.endsWith(".img") ? folder.resolve(word).toString() : word).toArray(String[]::new);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(arguments, new PrintStream(out, true), new PrintStream(err, true));
        List<String> printed = (out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8)).lines()
                .toList();
        List<String> shown = command.output();
        if (!shown.isEmpty() && shown.getLast().equals("...")) {
            assertThat(printed).as(command.line())
                    .startsWith(shown.subList(0, shown.size() - 1).toArray(String[]::new));
        } else {
            assertThat(printed).as(command.line()).isEqualTo(shown);
        }
        return status;
    }

    private void runShell(Command command) throws Exception {
        Process process = new ProcessBuilder("sh", "-c", command.line()).directory(folder.toFile())
                .redirectErrorStream(true).start();
        assertThat(process.getInputStream().readAllBytes()).as(command.line()).isEmpty();
        assertThat(process.waitFor()).as(command.line()).isZero();
        assertThat(command.output()).isEmpty();
    }

    @Test
    void theJavaExampleWorks() throws IOException {
        Path file = folder.resolve("pool");
        // @formatter:off
try (ThinMetadata pool = ThinMetadata.format(FileDevice.create(file, 4 << 20), 128, 1 << 20)) {
    pool.space().resizeData(1000);
    pool.createThin(0);
    pool.commit();
    ThinDevice volume = pool.openDevice(0);
    pool.insert(volume, 7, pool.allocateDataBlock());
    pool.createSnapshot(1, 0); // O(1), writable, at any depth
    pool.commit(); // two flushes, and it is durable
    try (ThinView view = pool.openView()) { // stays as it is, whatever the writer does
        System.out.println(view.lookup(1, 7) == view.lookup(0, 7));
    }
}
        // @formatter:on
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String[] dump = {"thin_dump", file.toString()};
        assertThat(Main.run(dump, new PrintStream(out, true), System.err)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("<device dev_id=\"1\" mapped_blocks=\"1\"")
                .contains("<single_mapping origin_block=\"7\" data_block=\"0\" time=\"0\"/>");
        String source = Files.readString(ROOT.resolve("cli/src/test/java/io/pdata/cli/ReadmeTest.java"));
        String shown = Files.readAllLines(ROOT.resolve("README.md")).stream().dropWhile(line -> !line.equals("```java"))
                .skip(1).takeWhile(line -> !line.equals("```")).collect(Collectors.joining("\n"));
        assertThat(shown).isNotBlank();
        assertThat(source).contains(shown);
    }
}

package io.pdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.cli.pool.ServerProcess;
import io.pdata.core.device.FileDevice;
import io.pdata.testkit.NbdClients;
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

    /** The commands of all console blocks of a section, and what stands below each. */
    private static List<Command> commands(String section) throws IOException {
        List<Command> commands = new ArrayList<>();
        boolean here = false;
        boolean inside = false;
        for (String line : Files.readAllLines(ROOT.resolve("README.md"))) {
            if (line.startsWith("## ")) {
                here = line.equals("## " + section);
            } else if (!here) {
                continue;
            } else if (line.startsWith("```")) {
                inside = line.equals("```console");
            } else if (inside && line.startsWith("$ ")) {
                commands.add(new Command(line.substring(2), new ArrayList<>()));
            } else if (inside) {
                commands.getLast().output().add(line);
            }
        }
        return commands;
    }

    private void copyTour() throws IOException {
        Files.createDirectories(folder.resolve("docs/tour"));
        for (String image : List.of("pool.img", "cache.img", "era.img")) {
            Files.copy(ROOT.resolve("docs/tour/" + image), folder.resolve("docs/tour/" + image));
        }
    }

    /** The server listens where the tour connects, and not on a port that something else on this machine may use. */
    @Test
    void theTourOfThinVolumesPrintsWhatItSays() throws Exception {
        for (String program : List.of("nbdinfo", "nbdcopy", "qemu-io", "mke2fs", "e2fsck")) {
            NbdClients.need(program);
        }
        copyTour();
        List<Command> commands = commands("Thin volumes in five minutes");
        Command serve = commands.getFirst();
        assertThat(serve.line()).startsWith("./pdata serve ./pool ").endsWith(" &");
        String[] words = serve.line().split(" ");
        List<String> arguments = new ArrayList<>(List.of(words).subList(2, words.length - 1));
        arguments.addAll(List.of("--listen", "unix:./pool/nbd.sock"));
        try (ServerProcess server = new ServerProcess(folder, arguments.toArray(String[]::new))) {
            assertPrinted(serve, server.announced());
            for (Command command : commands.subList(1, commands.size())) {
                if (command.line().startsWith("./pdata ")) {
                    assertThat(runPdata(command)).isZero();
                } else if (command.line().equals("kill %1")) {
                    assertThat(server.terminate()).isZero();
                } else {
                    runShell(command);
                }
            }
        }
        assertThat(commands).hasSizeGreaterThan(10);
    }

    @Test
    void theTourPrintsWhatItSays() throws Exception {
        copyTour();
        int status = 0;
        int run = 0;
        for (Command command : commands("Metadata in five minutes")) {
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
                .map(word -> word.endsWith(".img") || word.equals("./pool") ? folder.resolve(word).toString() : word)
                .toArray(String[]::new);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(arguments, new PrintStream(out, true), new PrintStream(err, true));
        List<String> printed = (out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8))
                .replace(folder + "/", "").lines().toList();
        assertPrinted(command, printed);
        return status;
    }

    private static void assertPrinted(Command command, List<String> printed) {
        List<String> shown = command.output();
        if (command.line().contains(" volume list ")) {
            assertThat(shapeOf(printed)).as(command.line()).isEqualTo(shapeOf(shown));
        } else if (!shown.isEmpty() && shown.getLast().equals("...")) {
            assertThat(printed).as(command.line())
                    .startsWith(shown.subList(0, shown.size() - 1).toArray(String[]::new));
        } else {
            assertThat(printed).as(command.line()).isEqualTo(shown);
        }
    }

    /** How many blocks a file system touches is different from one mke2fs to the next. */
    private static List<String> shapeOf(List<String> table) {
        return table.stream().map(line -> line.replaceAll("\\d+\\.\\d\\d", "N").replaceAll(" +", " ")).toList();
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

package io.pdata.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples that the help of a tool shows work in a folder with the images of the tour, and leave these unchanged. */
class ExamplesTest {
    private static final Path TOUR = Path.of("..", "docs", "tour");
    /** These need devices of a kernel, or of a cache in use. */
    private static final Set<String> NEED_DEVICES = Set.of("thin_migrate", "cache_writeback");

    @TempDir
    private Path folder;

    static Stream<String> tools() {
        return Main.tools().stream().filter(tool -> !NEED_DEVICES.contains(tool));
    }

    @ParameterizedTest
    @MethodSource("tools")
    void theyWorkAsPrinted(String tool) throws IOException {
        for (String image : List.of("pool.img", "cache.img", "era.img")) {
            Files.copy(TOUR.resolve(image), folder.resolve(image));
        }
        for (String line : Main.tool(tool).getCommandSpec().usageMessage().footer()) {
            run(line);
        }
        for (String image : List.of("pool.img", "cache.img", "era.img")) {
            assertThat(folder.resolve(image)).hasSameBinaryContentAs(TOUR.resolve(image));
        }
        assertThat(ToolRun.of(tool, "--help").out()).contains("Exit status:\n  0 success\n", "\n  2 ", "\n  64 ",
                "\n  71 ");
    }

    private void run(String line) throws IOException {
        List<String> words = Stream.of(line.split(" "))
                .map(word -> word.matches(".*\\.(img|xml|pack)") ? folder.resolve(word).toString() : word)
                .collect(Collectors.toList());
        if (words.getFirst().equals("truncate")) {
            try (RandomAccessFile file = new RandomAccessFile(words.getLast(), "rw")) {
                file.setLength(Long.parseLong(words.get(2).replace("M", "")) << 20);
            }
            return;
        }
        ToolRun run = ToolRun.of(words.toArray(String[]::new));
        assertThat(run.status()).as("%s: %s", line, run.err()).isZero();
    }
}

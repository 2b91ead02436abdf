package io.pdata.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.pdata.testkit.Golden;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Does again what a kernel was seen doing, and compares every image taken on the way bit for bit. Recordings come from
 * the golden images, from this module's own resources and, with {@code -Dgolden=DIR}, from any other folder.
 */
class GoldenReplayTest {

    @TestFactory
    Stream<DynamicContainer> everyRecordingIsReproducedBitForBit() {
        return Stream.concat(Stream.of(own()), Golden.folders().stream())
                .map(folder -> DynamicContainer.dynamicContainer(folder.toString(), recordings(folder)));
    }

    private static Path own() {
        try {
            return Path.of(GoldenReplayTest.class.getResource("/recordings/README.md").toURI()).getParent();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Stream<DynamicTest> recordings(Path folder) {
        List<Path> files = Golden.files(folder, ".ops");
        assertThat(files).as("operation lists (NAME.ops) in " + folder).isNotEmpty();
        return files.stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), file.toUri(), () -> replay(file)));
    }

    static void replay(Path file) {
        OperationList list = OperationList.read(file);
        int images = 0;
        try (Replayer replayer = replayerOf(list)) {
            for (Operation operation : list.operations()) {
                if (operation.verb().equals("image")) {
                    compare(list, operation, replayer);
                    images++;
                } else {
                    apply(list, operation, replayer);
                }
            }
        }
        assertThat(images).as("images that " + list.name() + " is compared with").isPositive();
    }

    private static Replayer replayerOf(OperationList list) {
        return switch (list.language()) {
        case THIN -> new ThinReplayer(list.folder());
        case CACHE -> new CacheReplayer(list.folder());
        case ERA -> new EraReplayer(list.folder());
        };
    }

    private static void apply(OperationList list, Operation operation, Replayer replayer) {
        try {
            replayer.apply(operation);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(list.name() + ", " + operation + ": " + e, e);
        }
    }

    private static void compare(OperationList list, Operation operation, Replayer replayer) {
        byte[] image = Golden.bytes(list.folder(), operation.word(0) + ".img");
        String difference = ImageComparison.difference(replayer.device(), image);
        if (!difference.isEmpty()) {
            fail(list.name() + ", " + operation + ": " + difference);
        }
    }
}

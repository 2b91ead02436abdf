package io.pdata.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.tukaani.xz.XZInputStream;

/**
 * The images that a real kernel wrote, and what was recorded about them. They lie beside this class as resources;
 * {@code -Dgolden=DIR} adds those of another folder.
 */
public final class Golden {
    private Golden() {}

    /** The folder that ships with the project; inside a jar if the tests take this module from one. */
    public static Path folder() {
        return Shipped.FOLDER;
    }

    /** Found once: a jar can be opened as a file system only once. */
    private static final class Shipped {
        static final Path FOLDER = find();

        private static Path find() {
            try {
                URI readme = Golden.class.getResource("/golden/README.md").toURI();
                if (readme.getScheme().equals("jar")) {
                    FileSystems.newFileSystem(readme, Map.of());
                }
                return Path.of(readme).getParent();
            } catch (URISyntaxException e) {
                throw new IllegalStateException(e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * All folders with recordings: the project's own, and the one that {@code -Dgolden} names, from the project's root if
     * it is relative (tests run in the folder of their module).
     */
    public static List<Path> folders() {
        String extra = System.getProperty("golden");
        return extra == null || extra.isEmpty()
                ? List.of(folder())
                : List.of(folder(), Path.of(System.getProperty("project.root", "")).resolve(extra));
    }

    /** The files in a folder whose names end with one of the suffixes, by name. */
    public static List<Path> files(Path folder, String... suffixes) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> Stream.of(suffixes).anyMatch(file.toString()::endsWith)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The content of {@code NAME} or {@code NAME.xz} in a folder, unpacked. */
    public static byte[] bytes(Path folder, String name) {
        Path plain = folder.resolve(name);
        Path packed = folder.resolve(name + ".xz");
        try (InputStream in = Files.exists(plain)
                ? Files.newInputStream(plain)
                : new XZInputStream(Files.newInputStream(packed))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An image of the project's own, {@code name} without ending. */
    public static byte[] image(String name) {
        return bytes(folder(), name + ".img");
    }

    /** Unpacks an image of the project's own into a file. */
    public static Path unpack(String name, Path target) {
        try {
            return Files.write(target, image(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

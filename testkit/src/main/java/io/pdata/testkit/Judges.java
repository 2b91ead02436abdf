package io.pdata.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * Judges that are not this project's own: programs that a machine may not have.
 *
 * <p>A test that needs one which is missing is skipped, and says what to install; with {@code -Dinterop=required} it
 * fails instead, so that a build which ought to have them all cannot pass without.
 */
final class Judges {
    private Judges() {}

    /** Goes on only if the judge is there. */
    static void need(boolean available, String otherwise) {
        if (!available) {
            if ("required".equals(System.getProperty("interop"))) {
                throw new AssertionError(otherwise);
            }
            Assumptions.abort(otherwise);
        }
    }

    /** A script of {@code interop/lab}, wherever inside the project the tests were started. */
    static Path script(String name) {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path script = folder.resolve("interop/lab").resolve(name);
            if (Files.isExecutable(script)) {
                return script;
            }
        }
        throw new IllegalStateException("no interop/lab/" + name + " above " + Path.of("").toAbsolutePath());
    }
}

package io.pdata.reliability.damage;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Somebody else's tools that check metadata.
 *
 * @param name their version, for the table
 * @param folder where their programs are
 */
record Peer(String name, Path folder) {
    private static final int PATIENCE_SECONDS = 15;
    /** From here on an exit status is a signal's, or (101) that of a Rust program that gave up. */
    private static final int SIGNALS = 128;
    private static final int PANIC = 101;

    /** What such a program did. */
    enum Result {
        FOUND, MISSED, CRASHED, HUNG
    }

    /** Has an image checked that is in a file. */
    Result check(Format format, Path image) {
        try {
            Process process = new ProcessBuilder(folder.resolve(format.checker()).toString(), "-q", image.toString())
                    .redirectInput(new File("/dev/null")).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Result.HUNG;
            }
            int status = process.exitValue();
            return status == 0
                    ? Result.MISSED
                    : status == PANIC || status >= SIGNALS ? Result.CRASHED : Result.FOUND;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}

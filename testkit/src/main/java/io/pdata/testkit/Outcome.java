package io.pdata.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a program of somebody else's did.
 *
 * @param command its command line
 * @param status its exit status
 * @param output what it wrote to its standard output
 * @param errors what it wrote to its standard error
 */
public record Outcome(String command, int status, String output, String errors) {

    /** Runs a program to its end. */
    static Outcome of(List<String> command) {
        Path out = null;
        Path err = null;
        try {
            // Into files, not pipes: a program that writes much to both cannot block.
            out = Files.createTempFile("out", ".txt");
            err = Files.createTempFile("err", ".txt");
            Process process = new ProcessBuilder(command).redirectInput(new File("/dev/null"))
                    .redirectOutput(out.toFile()).redirectError(err.toFile()).start();
            int status = waitFor(process);
            return new Outcome(String.join(" ", command), status, text(out), text(err));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            Stream.of(out, err).filter(file -> file != null).forEach(file -> file.toFile().delete());
        }
    }

    private static int waitFor(Process process) {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + process.info(), e);
        }
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }

    /** Itself, if the program succeeded. */
    public Outcome succeeded() {
        if (status != 0) {
            throw new AssertionError("exit status " + status + ": " + command + System.lineSeparator() + errors
                    + System.lineSeparator() + output);
        }
        return this;
    }

    /** The lines of output that begin with a word, without that word. */
    public List<String> lines(String word) {
        return output.lines().filter(line -> line.startsWith(word + " "))
                .map(line -> line.substring(word.length() + 1)).toList();
    }
}

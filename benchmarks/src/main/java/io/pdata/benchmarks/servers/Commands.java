package io.pdata.benchmarks.servers;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs other programs to their end. */
final class Commands {
    private Commands() {}

    /** Runs a program; returns what it printed to its standard output. What it says to people is part of the error if it fails. */
    static String run(List<String> command) throws IOException {
        Path out = Files.createTempFile("command", ".out");
        Path err = Files.createTempFile("command", ".err");
        try {
            Process process = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile())
                    .start();
            int status = waitFor(process);
            if (status != 0) {
                throw new IOException(
                        String.join(" ", command) + ": status " + status + ": " + Files.readString(err).strip());
            }
            return Files.readString(out);
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    static String run(String... command) throws IOException {
        return run(List.of(command));
    }

    static int waitFor(Process process) throws InterruptedIOException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}

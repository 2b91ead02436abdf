package io.pdata.benchmarks.tools;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One run of a program.
 *
 * @param seconds from its start to its end
 * @param processorSeconds of all processors together
 * @param peakKib the most memory that it had at any moment, its files that are mapped included
 */
record Measurement(double seconds, double processorSeconds, long peakKib) {

    /**
     * Runs a program to its end. What it prints is thrown away, what it says to people is part of the error if it fails.
     * GNU time stands between, for it alone is told of the memory; it costs about a millisecond.
     */
    static Measurement of(List<String> command, Path scratch) throws IOException {
        Path usage = scratch.resolve("usage");
        Path errors = scratch.resolve("errors");
        List<String> timed = new ArrayList<>(List.of("/usr/bin/time", "-q", "-f", "%U %S %M", "-o", usage.toString()));
        timed.addAll(command);
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(timed).redirectOutput(Redirect.DISCARD).redirectError(errors.toFile())
                .start();
        int status = waitFor(process);
        double seconds = (System.nanoTime() - begin) / 1e9;
        if (status != 0) {
            throw new IOException(String.join(" ", command) + ": status " + status + ": "
                    + Files.readString(errors).strip());
        }
        String[] used = Files.readString(usage).strip().split(" ");
        return new Measurement(seconds, Double.parseDouble(used[0]) + Double.parseDouble(used[1]),
                Long.parseLong(used[2]));
    }

    private static int waitFor(Process process) throws InterruptedIOException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}

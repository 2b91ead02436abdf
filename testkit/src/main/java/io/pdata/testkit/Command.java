package io.pdata.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Programs that change the machine for a test, and have to succeed. */
final class Command {
    private Command() {}

    /** Goes on only as root. */
    static void needRoot() {
        Judges.need("root".equals(System.getProperty("user.name")), "file systems and loop devices are for root");
    }

    /** Runs a program to its end; returns what it says. */
    static String run(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes()).strip();
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}

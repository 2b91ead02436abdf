package io.pdata.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Programs that change the machine for a test. */
final class Command {
    private Command() {}

    /** Goes on only as root. */
    static void needRoot() {
        Judges.need("root".equals(System.getProperty("user.name")), "file systems and loop devices are for root");
    }

    /** Runs a program, which has to succeed; returns what it says. */
    static String run(String... command) {
        Result result = resultOf(command);
        if (result.status() != 0) {
            throw new IllegalStateException(result.text());
        }
        return result.output();
    }

    /** Runs a program that not every machine lets root run, a container for example; goes on only if it succeeds. */
    static String attempt(String... command) {
        Result result = resultOf(command);
        Judges.need(result.status() == 0, result.text());
        return result.output();
    }

    private record Result(String command, int status, String output) {
        String text() {
            return command + ": " + output;
        }
    }

    private static Result resultOf(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes()).strip();
            return new Result(String.join(" ", command), process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}

package io.pdata.reliability.damage;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What came of running a tool.
 *
 * @param end how it ended
 * @param output what it wrote to its standard output
 */
record ToolRun(End end, String output) {
    private static final int PATIENCE_SECONDS = 20;
    /** Whoever writes more of a small image writes without end. */
    private static final long MOST_WRITTEN = 64 << 20;
    /** From here on an exit status is a signal's, or (101) that of a Rust program that gave up. */
    private static final int SIGNALS = 128;
    private static final int PANIC = 101;
    private static final int TIMED_OUT = 124;

    /** How a tool can end. */
    enum End {
        WELL, REFUSED, CRASHED, HUNG
    }

    /** Runs a tool of this project, in this process. */
    static ToolRun own(String... command) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = io.pdata.cli.Main.run(command, new PrintStream(out, true), new PrintStream(err, true));
        return new ToolRun(status == 0 ? End.WELL : End.REFUSED, out.toString(StandardCharsets.UTF_8));
    }

    /** Runs a tool of somebody else's, which may do anything: for a limited time, with limited memory and room. */
    static ToolRun of(Path folder, String... command) {
        List<String> words = new ArrayList<>(List.of("timeout", Integer.toString(PATIENCE_SECONDS), "prlimit",
                "--core=0", "--as=" + (8L << 30), "--fsize=" + MOST_WRITTEN, folder.resolve(command[0]).toString()));
        words.addAll(List.of(command).subList(1, command.length));
        Path out = null;
        try {
            out = Files.createTempFile("out", ".txt");
            int status = new ProcessBuilder(words).redirectInput(new File("/dev/null")).redirectOutput(out.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start().waitFor();
            return new ToolRun(end(status), new String(Files.readAllBytes(out), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            if (out != null) {
                out.toFile().delete();
            }
        }
    }

    private static End end(int status) {
        return switch (status) {
        case 0 -> End.WELL;
        case TIMED_OUT -> End.HUNG;
        default -> status == PANIC || status >= SIGNALS ? End.CRASHED : End.REFUSED;
        };
    }
}

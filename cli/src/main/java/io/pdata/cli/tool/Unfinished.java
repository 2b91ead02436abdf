package io.pdata.cli.tool;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * Something that must not be left behind half-made if the process is told to end, by SIGINT, SIGTERM or SIGHUP: until
 * this is closed, it is undone then. Errors are handled by whoever makes it.
 */
public final class Unfinished implements AutoCloseable {
    private final Thread undoing;

    /** What undoes the work so far; called by another thread than the one that is doing it. */
    @FunctionalInterface
    public interface Undo {
        void run() throws IOException;
    }

    /** @param err is told if it cannot be undone */
    public Unfinished(Undo undo, PrintStream err) {
        undoing = new Thread(() -> {
            try {
                undo.run();
            } catch (IOException e) {
                err.println("what is not complete stays: " + e);
            }
        }, "undo");
        try {
            Runtime.getRuntime().addShutdownHook(undoing);
        } catch (IllegalStateException e) {
            undoing.run(); // the process is ending already
            awaitEnd();
        }
    }

    /** A file that is going to be made; null if it is there already, or if there is to be none. */
    public static Unfinished file(Path file, PrintStream err) {
        return file == null || Files.exists(file) ? null : new Unfinished(() -> Files.deleteIfExists(file), err);
    }

    /** To be called when the work is done, or has failed and has been undone; does not return if the process is ending. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(undoing);
        } catch (IllegalStateException e) {
            awaitEnd(); // nobody is to be told that what is just being undone was done
        }
    }

    private static void awaitEnd() {
        while (true) {
            LockSupport.park();
        }
    }
}

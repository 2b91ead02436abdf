package io.pdata.cli.tool;

import io.pdata.tools.Report;
import io.pdata.tools.text.TextOut;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Standard output and standard error, and what a tool says there. */
public final class Console implements Report {
    private static final Path STANDARD_INPUT = Path.of("/proc/self/fd/0");
    private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");
    /** To the start of the line, and erase to its end (ECMA-48). */
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;
    private boolean quiet;
    private boolean passing;
    private Map<String, String> kept;

    public Console(PrintStream out, PrintStream err) {
        this(out, err, err == System.err && isTerminal(STANDARD_ERROR));
    }

    /** @param terminal whether somebody is watching standard error */
    Console(PrintStream out, PrintStream err, boolean terminal) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    /** Java can only say whether all of input and output is a terminal; Linux knows each. Elsewhere: no. */
    private static boolean isTerminal(Path descriptor) {
        try {
            String target = descriptor.toRealPath().toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false; // a pipe, or no such folder: nobody is watching
        }
    }

    /** Whether somebody is watching standard error, and nothing else is written to where it goes. */
    public boolean isTerminal() {
        return terminal && !quiet;
    }

    /** Whether standard output is a terminal as well. */
    public static boolean outputIsTerminal() {
        return isTerminal(STANDARD_OUTPUT);
    }

    /** Whether somebody types what is read from standard input. */
    public static boolean inputIsTerminal() {
        return isTerminal(STANDARD_INPUT);
    }

    /**
     * Whether something is lost of what has been printed to standard output, a file system being full for example; says
     * so. That nobody reads a pipe any more, or that there is no standard output, does not count.
     */
    public static boolean hasLost(PrintStream out, PrintStream err) {
        if (out != System.out || !out.checkError()) {
            return false;
        }
        try {
            Path target = Files.readSymbolicLink(STANDARD_OUTPUT);
            if (!target.isAbsolute()) {
                return false;
            }
            err.println("output error: " + target + " cannot be written");
            return true;
        } catch (IOException e) {
            return false; // it is closed, or nobody can tell what it is
        }
    }

    /** Shows a line that is replaced by whatever comes next; nothing if the line is empty. For terminals only. */
    public synchronized void passing(String line) {
        clear();
        err.print(line);
        err.flush();
        passing = !line.isEmpty();
    }

    private void clear() {
        if (passing) {
            err.print(CLEAR_LINE);
            passing = false;
        }
    }

    /** Says nothing from now on: only the exit status counts. */
    public void silence() {
        quiet = true;
    }

    /** Keeps results of the form {@code NAME=VALUE} from now on instead of printing them, and says nothing else. */
    void keepResults() {
        kept = new LinkedHashMap<>();
    }

    /** What has been kept, in order. */
    synchronized Map<String, String> keptResults() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(kept));
    }

    /**
     * Standard output for a lot of text, written to directly where that is possible: a {@link PrintStream} does not tell of
     * errors.
     */
    public TextOut standardOutput() {
        return new TextOut(out == System.out ? new FileOutputStream(FileDescriptor.out) : out);
    }

    public PrintStream out() {
        return out;
    }

    public PrintStream err() {
        return err;
    }

    @Override
    public void stage(String title) {
        problem(title);
    }

    @Override
    public synchronized void result(String line) {
        if (kept != null) {
            int end = line.indexOf('=');
            kept.put(end < 0 ? line : line.substring(0, end), line.substring(end + 1));
        } else if (!quiet) {
            clear();
            out.println(line);
        }
    }

    @Override
    public synchronized void problem(String line) {
        if (!quiet && kept == null) {
            clear();
            err.println(line);
        }
    }
}

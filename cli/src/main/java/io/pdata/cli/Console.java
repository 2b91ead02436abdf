package io.pdata.cli;

import io.pdata.tools.Report;
import io.pdata.tools.text.TextOut;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;

/** Standard output and standard error, and what a tool says there. */
final class Console implements Report {
    private final PrintStream out;
    private final PrintStream err;
    private boolean quiet;

    Console(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Says nothing from now on: only the exit status counts. */
    void silence() {
        quiet = true;
    }

    /**
     * Standard output for a lot of text, written to directly where that is possible: a {@link PrintStream} does not tell of
     * errors.
     */
    TextOut standardOutput() {
        return new TextOut(out == System.out ? new FileOutputStream(FileDescriptor.out) : out);
    }

    PrintStream out() {
        return out;
    }

    PrintStream err() {
        return err;
    }

    @Override
    public void stage(String title) {
        problem(title);
    }

    @Override
    public void result(String line) {
        if (!quiet) {
            out.println(line);
        }
    }

    @Override
    public void problem(String line) {
        if (!quiet) {
            err.println(line);
        }
    }
}

package io.pdata.cli.pool;

import io.pdata.cli.tool.Console;
import io.pdata.replication.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * Shows how far a copy is, how fast it goes and how long it will take, once a second; on a line that is replaced if it is a
 * terminal, otherwise only if asked for, on a line each time.
 */
final class TransferLine implements Progress {
    private static final long EVERY_NANOS = 1_000_000_000L;

    private final Console console;
    private final PrintStream err;
    private final boolean always;
    private long began = System.nanoTime();
    private long shown = began;
    private long total;
    private long done;

    /** @param always also where nobody watches */
    TransferLine(Terminal terminal, boolean always) {
        this.console = new Console(terminal.out(), terminal.err());
        this.err = terminal.err();
        this.always = always;
    }

    /** What comes before is no part of the rate. */
    @Override
    public void total(long bytes) {
        total = bytes;
        began = System.nanoTime();
        shown = began;
    }

    @Override
    public void done(long bytes) {
        done += bytes;
        long now = System.nanoTime();
        if (now - shown >= EVERY_NANOS) {
            shown = now;
            show(text(now - began));
        }
    }

    private void show(String line) {
        if (console.isTerminal()) {
            console.passing(line);
        } else if (always) {
            err.println(line);
        }
    }

    private String text(long nanos) {
        double rate = done * 1e9 / nanos;
        long rest = Math.max(0, total - done);
        Duration left = Duration.ofSeconds((long) Math.ceil(rest / rate));
        return String.format(Locale.ROOT, "%s of %s, %s%%, %s/s, %d:%02d:%02d left", Sizes.format(done),
                Sizes.format(Math.max(total, done)), Sizes.percent(done, Math.max(total, done)),
                Sizes.format((long) rate), left.toHours(), left.toMinutesPart(), left.toSecondsPart());
    }

    /** Takes the line away; with {@code --progress} there is a last one, about all that has been done. */
    void end() {
        if (console.isTerminal()) {
            console.passing("");
        } else if (always) {
            long nanos = Math.max(1, System.nanoTime() - began);
            err.println(String.format(Locale.ROOT, "%s in %.1f s, %s/s", Sizes.format(done), nanos / 1e9,
                    Sizes.format((long) (done * 1e9 / nanos))));
        }
    }
}

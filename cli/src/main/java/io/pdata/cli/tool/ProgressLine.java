package io.pdata.cli.tool;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Shows somebody who waits at a terminal how much has been read, twice a second from the first second on. Where standard
 * error is not a terminal nothing is shown.
 */
public final class ProgressLine implements AutoCloseable {
    private static final long FIRST_MILLIS = 1000;
    private static final long EVERY_MILLIS = 500;
    private static final long MIB = 1 << 20;

    private final Console console;
    private final LongSupplier bytesRead;
    private final long mebibytes;
    private final ScheduledExecutorService clock;

    /**
     * Begins to show.
     *
     * @param bytesRead how many bytes have been read by now
     * @param most how many there are to read, if all has to be
     */
    public ProgressLine(Console console, LongSupplier bytesRead, long most) {
        this.console = console;
        this.bytesRead = bytesRead;
        this.mebibytes = Math.ceilDiv(most, MIB);
        if (console.isTerminal()) {
            clock = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("progress").factory());
            clock.scheduleAtFixedRate(this::show, FIRST_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            clock = null;
        }
    }

    void show() {
        console.passing(bytesRead.getAsLong() / MIB + " MiB read of at most " + mebibytes);
    }

    /** Takes the line away. */
    @Override
    public void close() {
        if (clock != null) {
            clock.shutdownNow();
            clock.close();
            console.passing("");
        }
    }
}

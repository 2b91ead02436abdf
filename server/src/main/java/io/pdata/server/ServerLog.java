package io.pdata.server;

import io.pdata.core.device.EngineThread;
import io.pdata.core.device.PrintableText;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The log of a server, written by a thread of its own, so that a log that is not read holds up nothing: if
 * {@value #MOST_WAITING} lines wait, further ones are dropped and counted. Text of others cannot end a line or contain
 * control characters. Clients can cause {@value #CLIENT_LINES_PER_SECOND} lines a second after the first
 * {@value #CLIENT_LINES_AT_ONCE}; the number of lines that were left out is logged. Thread-safe.
 */
public final class ServerLog implements AutoCloseable {
    static final int MOST_WAITING = 1024;
    static final int CLIENT_LINES_AT_ONCE = 100;
    static final int CLIENT_LINES_PER_SECOND = 10;

    private static final int LONGEST_LINE = 2000;
    private static final Duration TIME_TO_END = Duration.ofSeconds(2);
    private static final long REPORT_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long NANOS_PER_CLIENT_LINE = Duration.ofSeconds(1).toNanos() / CLIENT_LINES_PER_SECOND;

    private final PrintStream out;
    private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong omitted = new AtomicLong();
    private final Thread writer = EngineThread.factory("log").newThread(this::write);
    private volatile boolean closing;
    private long reported = System.nanoTime();
    /** When the credit of clients was, or will be, nothing; guarded by this. */
    private long spentAt = System.nanoTime() - CLIENT_LINES_AT_ONCE * NANOS_PER_CLIENT_LINE;

    /** Begins to write to {@code out}, which is not closed. */
    public ServerLog(PrintStream out) {
        this.out = out;
        writer.start();
    }

    /** Logs what happens to the server or its pool. Never waits. */
    public void event(String line) {
        try {
            String text = Instant.now().truncatedTo(ChronoUnit.SECONDS) + " " + PrintableText.of(line, LONGEST_LINE);
            if (!waiting.offer(text)) {
                dropped.incrementAndGet();
            }
        } catch (OutOfMemoryError | LinkageError e) {
            dropped.incrementAndGet(); // the caller must not fail because of the log
        }
    }

    /** Logs a line about a client, unless there are too many of them. Never waits. */
    public void client(String line) {
        if (takeCredit()) {
            event(line);
        } else {
            omitted.incrementAndGet();
        }
    }

    private synchronized boolean takeCredit() {
        long now = System.nanoTime();
        spentAt = Math.max(spentAt - now, -CLIENT_LINES_AT_ONCE * NANOS_PER_CLIENT_LINE) + now;
        if (spentAt + NANOS_PER_CLIENT_LINE > now) {
            return false;
        }
        spentAt += NANOS_PER_CLIENT_LINE;
        return true;
    }

    private void write() {
        while (!closing || !waiting.isEmpty()) {
            try {
                String line = waiting.poll(1, TimeUnit.SECONDS);
                if (line != null) {
                    out.println(line);
                }
                reportMissing();
            } catch (InterruptedException e) {
                continue; // asks to look whether the log is closing
            } catch (RuntimeException | Error e) {
                dropped.incrementAndGet(); // a log that cannot be written is no reason to stop serving
            }
        }
        reportMissing();
        out.flush();
    }

    private void reportMissing() {
        if (dropped.get() > 0 && waiting.isEmpty()) {
            out.println(dropped.getAndSet(0) + " lines of this log were lost: it was not read fast enough");
        }
        if (omitted.get() > 0 && (closing || System.nanoTime() - reported > REPORT_NANOS)) {
            reported = System.nanoTime();
            out.println(omitted.getAndSet(0) + " more lines about clients were left out");
        }
    }

    /** Waits until everything has been written, but not for long: perhaps the log is not read. */
    @Override
    public void close() {
        closing = true;
        writer.interrupt();
        try {
            writer.join(TIME_TO_END);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

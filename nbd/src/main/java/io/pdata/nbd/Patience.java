package io.pdata.nbd;

import java.time.Duration;

/**
 * How long a server waits for a client that negotiates, in all. Time that the server itself takes is not counted, and each
 * answer earns the client a little more time, as programs that ask for thousands of exports need it.
 *
 * <p>One thread waits; {@link #isOver} is for any thread.
 */
final class Patience {
    /** For clients that may take as long as they want. */
    static final Duration ENDLESS = Duration.ofDays(100_000);

    private static final long EARNED_NANOS = Duration.ofMillis(10).toNanos();

    private volatile long budget;
    private volatile boolean waiting;
    private volatile long since;

    Patience(Duration longest) {
        budget = longest.toNanos();
    }

    /** The server begins to wait for the client. */
    void begin() {
        since = System.nanoTime();
        waiting = true;
    }

    /** The client has done something. */
    void end() {
        waiting = false;
        budget -= System.nanoTime() - since;
    }

    /** The client has asked for something, and got an answer. */
    void earn() {
        budget += EARNED_NANOS;
    }

    /** Whether the client has taken too long. */
    boolean isOver() {
        return budget - (waiting ? System.nanoTime() - since : 0) <= 0;
    }
}

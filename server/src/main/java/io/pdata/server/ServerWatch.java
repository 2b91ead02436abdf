package io.pdata.server;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Watches over a wait for a server: asks it every few seconds, on a connection of its own, whether it is there. A long request
 * may take as long as it needs; the wait for a server that is stopped, or hangs, ends.
 *
 * <p>A server that does not know the question answers it with an error, which is an answer too. Used by one thread; another
 * one, of its own, ends the wait by closing the connection.
 */
final class ServerWatch implements AutoCloseable {
    /** How long nothing is asked, and between two questions. */
    private static final Duration PERIOD = Duration.ofSeconds(10);
    /** How long an answer may take. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int LONGEST_ANSWER = 64 << 10;

    private final Path path;
    private final AutoCloseable waiting;
    private final Duration period;
    private final Duration patience;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean gaveUp;

    /** @param waiting is closed if the server does not answer */
    ServerWatch(Path path, AutoCloseable waiting) {
        this(path, waiting, PERIOD, PATIENCE);
    }

    ServerWatch(Path path, AutoCloseable waiting, Duration period, Duration patience) {
        this.path = path;
        this.waiting = waiting;
        this.period = period;
        this.patience = patience;
        daemon(this::watch);
    }

    private static void daemon(Runnable work) {
        Thread.ofPlatform().daemon().name("pdata-watch").start(work);
    }

    /** Whether the server did not answer. */
    boolean gaveUp() {
        return gaveUp;
    }

    /** What to tell a person then. */
    String message() {
        return path
                + ": the server does not answer: it has been stopped, or hangs; what was asked of it may still be done";
    }

    private void watch() {
        try {
            while (!over.await(period.toMillis(), TimeUnit.MILLISECONDS)) {
                if (!isThere() && over.getCount() > 0) {
                    gaveUp = true;
                    waiting.close();
                    return;
                }
            }
        } catch (Exception e) {
            return; // closing has failed, or this thread is to end: nothing else can be done
        }
    }

    private boolean isThere() throws InterruptedException, IOException {
        CountDownLatch answered = new CountDownLatch(1);
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            daemon(() -> ask(channel, answered));
            return answered.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void ask(SocketChannel channel, CountDownLatch answered) {
        try {
            channel.connect(UnixDomainSocketAddress.of(path));
            JsonLines lines = new JsonLines(channel, LONGEST_ANSWER);
            lines.write(Json.line(Request.of(Commands.PING)));
            lines.read();
            answered.countDown();
        } catch (IOException e) {
            // A socket that refuses belongs to a server that has ended: then the wait ends by itself.
            answered.countDown();
        }
    }

    /** The wait is over. */
    @Override
    public void close() {
        over.countDown();
    }
}

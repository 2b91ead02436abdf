package io.pdata.nbd;

import io.pdata.core.device.ErrorText;
import io.pdata.core.device.PrintableText;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Accepts the clients of one socket, on a thread of its own, until it is closed.
 *
 * <p>No lack of memory, threads or file descriptors ends it: the client that could not be had is disconnected, and after a
 * pause the next one is tried. If the socket itself is lost, the thread ends with an exception, for the handler of the
 * process to end a server that would let no client in.
 */
public final class AcceptLoop implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final long DRAIN_SECONDS = 10;

    private final Endpoint endpoint;
    private final Selector selector;
    private final Consumer<SocketChannel> clients;
    private final Consumer<String> log;
    private final Thread thread;
    private volatile boolean ended;
    /** Failures since a client was accepted last. */
    private long failures;

    /**
     * Makes a loop, which begins with {@link #start}.
     *
     * @param endpoint closed with the loop, or if this fails
     * @param clients receives the clients; if it throws, the client is disconnected
     * @param log receives a line when accepting fails, and when it succeeds again
     */
    public AcceptLoop(Endpoint endpoint, ThreadFactory threads, Consumer<SocketChannel> clients, Consumer<String> log)
            throws IOException {
        this.endpoint = endpoint;
        this.clients = clients;
        this.log = log;
        this.thread = threads.newThread(this::run);
        PrintableText.of(ErrorText.of(new IOException()), 1); // loads them: without a free file descriptor it is too late
        try {
            this.selector = Selector.open();
            ServerSocketChannel socket = endpoint.socket();
            socket.configureBlocking(false);
            socket.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException e) {
            try (endpoint) {
                throw e;
            }
        }
    }

    /** Begins to accept; if no thread can be started, the socket is closed. */
    public void start() throws IOException {
        boolean started = false;
        try {
            thread.start();
            started = true;
        } finally {
            if (!started) {
                endpoint.close();
            }
        }
    }

    private void run() {
        try (selector; endpoint) {
            while (!ended) {
                runOnce();
            }
        } catch (IOException e) {
            report("closing a socket failed: ", e);
        }
    }

    private void runOnce() {
        try {
            selector.select();
            selector.selectedKeys().clear();
            acceptAll();
        } catch (ClosedChannelException | ClosedSelectorException e) {
            if (!ended) {
                throw new IllegalStateException("the socket that clients connect to has been closed", e);
            }
        } catch (IOException | RuntimeException | Error e) {
            failures++;
            if (failures == 1) {
                report("accepting clients fails, and is tried again until it succeeds: ", e);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private void acceptAll() throws IOException {
        while (!ended) {
            SocketChannel client = endpoint.socket().accept();
            if (client == null) {
                return;
            }
            hand(client);
            if (failures > 0) {
                log.accept("accepting clients succeeds again, failures before: " + failures);
                failures = 0;
            }
        }
    }

    private void hand(SocketChannel client) throws IOException {
        boolean taken = false;
        try {
            clients.accept(client);
            taken = true;
        } finally {
            if (!taken) {
                client.close();
            }
        }
    }

    /** There may be no memory for the message either, or no file descriptor to load a class with. */
    private void report(String what, Throwable reason) {
        try {
            log.accept(what + ErrorText.of(reason));
        } catch (OutOfMemoryError | LinkageError e) {
            failures = 0; // so that the next failure is reported
        }
    }

    /** Ends the loop and closes the socket; returns when that is done. */
    @Override
    public void close() throws IOException {
        end();
        await(System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS));
    }

    void end() throws IOException {
        ended = true;
        endpoint.hide();
        selector.wakeup();
    }

    void await(long deadline) {
        try {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

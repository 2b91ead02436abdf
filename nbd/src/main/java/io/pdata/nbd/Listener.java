package io.pdata.nbd;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;

/**
 * Waits for clients on one socket. It can be told to end without closing the socket, which belongs to somebody else if it
 * was inherited: closing that would, in Java, also end standard output.
 */
final class Listener implements AutoCloseable {
    private static final long PAUSE_MILLIS = 100;

    private final ServerSocketChannel socket;
    private final boolean ours;
    private final Selector selector;
    private final Consumer<SocketChannel> clients;
    private final Consumer<String> log;
    private volatile boolean ended;

    /**
     * @param ours whether the socket is closed with this
     * @param clients gets those who come
     * @param log gets a line for what goes wrong
     */
    Listener(ServerSocketChannel socket, boolean ours, Consumer<SocketChannel> clients, Consumer<String> log)
            throws IOException {
        this.socket = socket;
        this.ours = ours;
        this.clients = clients;
        this.log = log;
        this.selector = Selector.open();
        try {
            socket.configureBlocking(false);
            socket.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException e) {
            selector.close();
            throw e;
        }
    }

    /** Runs until this is closed. */
    void run() {
        try (selector) {
            while (!ended) {
                selector.select();
                selector.selectedKeys().clear();
                if (!ended) {
                    accept();
                }
            }
        } catch (IOException e) {
            log.accept("waiting for clients failed: " + e.getMessage());
        } finally {
            closeIfOurs();
        }
    }

    private void accept() {
        try {
            SocketChannel client = socket.accept();
            if (client != null) {
                clients.accept(client);
            }
        } catch (IOException e) {
            log.accept("accepting a client failed: " + e.getMessage());
            pause();
        }
    }

    /** Whatever it is, too many open files for example, it is likely to be the same at once. */
    private void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeIfOurs() {
        if (ours) {
            try {
                socket.close();
            } catch (IOException e) {
                log.accept("closing a socket failed: " + e.getMessage());
            }
        }
    }

    /** Ends {@link #run}. */
    @Override
    public void close() {
        ended = true;
        selector.wakeup();
    }
}

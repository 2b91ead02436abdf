package io.pdata.nbd;

import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;
import java.util.Optional;

/**
 * A socket that somebody else listens on and has handed over: systemd, {@code systemd-socket-activate}, or a client of
 * libnbd that starts its own server.
 *
 * <p>These hand over descriptor 3, and Java takes descriptor 0, so whoever starts the program has to pass it on:
 * {@code exec java ... 0<&3}. Source: sd_listen_fds(3).
 */
public final class SocketActivation {
    private SocketActivation() {}

    /** Where the socket comes from. */
    @FunctionalInterface
    interface Source {
        Channel get() throws IOException;
    }

    /**
     * The socket that was handed over to this process; empty if none was.
     *
     * @throws IOException if it cannot be used
     */
    public static Optional<ServerSocketChannel> inherited() throws IOException {
        return inherited(System.getenv(), ProcessHandle.current().pid(), System::inheritedChannel);
    }

    static Optional<ServerSocketChannel> inherited(Map<String, String> environment, long pid, Source source)
            throws IOException {
        String count = environment.getOrDefault("LISTEN_FDS", "");
        if (count.isEmpty() || !Long.toString(pid).equals(environment.get("LISTEN_PID"))) {
            return Optional.empty();
        }
        if (!count.equals("1")) {
            throw new IOException("LISTEN_FDS is " + count + ": one socket can be handed over");
        }
        if (source.get() instanceof ServerSocketChannel listener) {
            return Optional.of(listener);
        }
        throw new IOException("LISTEN_FDS is 1, but standard input is no socket that listens:"
                + " the program is to be started with 0<&3");
    }
}

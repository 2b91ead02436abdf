package io.pdata.server;

import io.pdata.nbd.Endpoint;
import io.pdata.nbd.Limits;
import io.pdata.nbd.NbdServer;
import io.pdata.nbd.Tls;
import io.pdata.thin.pool.NamedPool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Serves a pool: its volumes over NBD, and requests to it on its control socket. Thread-safe. */
public final class PoolServer implements AutoCloseable {
    private final NbdServer nbd;
    private final NamedPool volumes;
    private final PoolService pool;
    private final List<ListenAddress> addresses = new ArrayList<>();
    private ControlServer control;

    private PoolServer(NbdServer nbd, NamedPool volumes, PoolService pool) {
        this.nbd = nbd;
        this.volumes = volumes;
        this.pool = pool;
    }

    /**
     * Begins to serve.
     *
     * @param pool belongs to the server from now on, and is closed with it or if this fails
     * @param log gets a line for whatever goes wrong with a client; called by any thread
     * @throws IOException if an address cannot be listened on; the message names it
     */
    public static PoolServer start(PoolFolder folder, NamedPool pool, List<ListenAddress> addresses, Limits limits,
            Consumer<String> log) throws IOException {
        return start(folder, pool, addresses, limits, Tls.none(), log);
    }

    /** As the other, with TLS. */
    public static PoolServer start(PoolFolder folder, NamedPool pool, List<ListenAddress> addresses, Limits limits,
            Tls tls, Consumer<String> log) throws IOException {
        List<Endpoint> bound;
        try {
            bound = ListenAddress.bindAll(addresses);
        } catch (IOException | RuntimeException e) {
            try (pool) {
                throw e;
            }
        }
        return serve(folder, pool, bound, limits, tls, log);
    }

    /** As the others, on sockets that are bound already; they belong to the server from now on. */
    public static PoolServer serve(PoolFolder folder, NamedPool pool, List<Endpoint> bound, Limits limits, Tls tls,
            Consumer<String> log) throws IOException {
        PoolExports exports = new PoolExports(pool);
        NbdServer nbd = new NbdServer(exports, limits, tls, log);
        exports.disconnectBy(nbd::disconnect);
        PoolServer server = new PoolServer(nbd, pool, new LocalPool(pool, exports, ProcessHandle.current().pid()));
        List<Endpoint> left = new ArrayList<>(bound);
        try {
            while (!left.isEmpty()) {
                server.addresses.add(ListenAddress.of(nbd.listen(left.removeFirst())));
            }
            server.control = ControlServer.start(folder.controlSocket(), server.pool, log);
            return server;
        } catch (IOException | RuntimeException e) {
            ListenAddress.closeAll(left, e);
            try (server) {
                throw e;
            }
        }
    }

    /** Where the server listens, in the order that was asked for. */
    public List<ListenAddress> addresses() {
        return List.copyOf(addresses);
    }

    /** The pool, for requests from this process. Not to be closed. */
    public PoolService pool() {
        return pool;
    }

    /** Finishes what clients have asked for, lets none in any more, and closes the pool. */
    @Override
    public void close() throws IOException {
        try (pool; ControlServer _ = control) {
            nbd.close();
            volumes.pool().endWaits(); // of transfers
        }
    }
}

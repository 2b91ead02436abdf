package io.pdata.cli.pool;

import io.pdata.nbd.Endpoint;
import io.pdata.nbd.Limits;
import io.pdata.nbd.SocketActivation;
import io.pdata.nbd.Tls;
import io.pdata.server.ListenAddress;
import io.pdata.server.LoggedEvents;
import io.pdata.server.NewPool;
import io.pdata.server.PoolFolder;
import io.pdata.server.PoolReport;
import io.pdata.server.PoolServer;
import io.pdata.server.ServerLog;
import io.pdata.server.VolumeReport;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import java.io.IOException;
import java.net.BindException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pdata serve}. */
@Command(name = "serve", sortOptions = false, description = {
    "Serves the volumes of a pool over NBD, until it is told to stop (SIGTERM or Ctrl-C).",
    "If there is no such folder, or it is empty, a pool with one volume is made in it."}, footer = {"", "Examples:",
        "  pdata serve ./pool", "  pdata serve /srv/pool --listen unix:/srv/pool/nbd.sock --listen 127.0.0.1:10809",
        "  pdata serve /srv/pool --listen 0.0.0.0:10809 --allow-public --tls require \\",
        "      --tls-certificates /etc/pki/nbd"})
final class ServeCommand implements Callable<Integer> {
    private static final String FIRST_VOLUME = "vol0";
    private static final int SECTOR = 512;
    /** A pool says that it is low on data when this part of it is free. */
    private static final int LOW = 20;

    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "DIR", description = "The folder of the pool.")
    private Path path;

    @Option(names = "--listen", paramLabel = "ADDRESS", description = "Where to listen: unix:PATH or HOST:PORT; can be given several times. Default: unix:DIR/nbd.sock alone, which only this user can connect to; every user of this machine can connect to a port of 127.0.0.1.")
    private List<String> listen = List.of();

    @Option(names = "--allow-public", description = "Listen on addresses that other machines can reach too. Unless --tls require lets in only those who have a certificate, anybody there can then read and change all volumes.")
    private boolean allowPublic;

    @Option(names = "--size", paramLabel = "SIZE", converter = Sizes.class, defaultValue = "10G", description = "The size of the volume vol0 of a new pool. Default: ${DEFAULT-VALUE}.")
    private long size;

    @Mixin
    private NewPoolOptions sizes;

    @Option(names = "--error-if-no-space", description = "When there is no room for data left, let writes fail at once instead of waiting for some.")
    private boolean errorIfNoSpace;

    @Option(names = "--no-space-timeout", paramLabel = "SECONDS", defaultValue = "60", description = "How long they wait; 0: for ever. Default: ${DEFAULT-VALUE}.")
    private int noSpaceTimeout;

    @Option(names = "--low-water", paramLabel = "SIZE", converter = Sizes.class, description = "Say so in the log when only so much room for data is left. Default: a twentieth of it.")
    private Long lowWater;

    @Option(names = "--skip-block-zeroing", description = "Do not zero the rest of a block that is written in part for the first time: it may show what a deleted volume had there.")
    private boolean skipZeroing;

    @Option(names = "--no-discard-passdown", description = "Keep the storage of blocks that are discarded, for other blocks.")
    private boolean noPassDown;

    @Option(names = "--tls", paramLabel = "MODE", defaultValue = "off", description = "Encrypt connections: off (what the protocol calls NOTLS), on (if the client wants it: SELECTIVE) or require (FORCED). Default: ${DEFAULT-VALUE}.")
    private String tls;

    @Option(names = "--tls-certificates", paramLabel = "DIR", description = "Where ca-cert.pem, server-cert.pem and server-key.pem are.")
    private Path certificates;

    @Option(names = "--tls-any-client", description = "Let clients in that have no certificate signed by ca-cert.pem.")
    private boolean anyClient;

    @Option(names = "--connections", paramLabel = "NUMBER", defaultValue = "256", description = "How many clients may use volumes at a time over Unix sockets, and as many over TCP. Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Print help.")
    private boolean help;

    ServeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        requireAtLeast("--connections", connections, 1);
        requireAtLeast("--no-space-timeout", noSpaceTimeout, 0);
        PoolFolder folder = new PoolFolder(path);
        Tls secured = tls();
        Optional<ServerSocketChannel> inherited = SocketActivation.inherited();
        List<ListenAddress> addresses = inherited.isPresent() && listen.isEmpty() ? List.of() : addresses(folder);
        ServerLog log = new ServerLog(terminal.err());
        PoolServer server;
        try {
            server = folder.isFree()
                    ? serveNew(folder, addresses, inherited, secured, log)
                    : serveOld(folder, addresses, inherited, secured, log);
        } catch (IOException | RuntimeException e) {
            log.close();
            throw e;
        }
        UntilTold.close(server::close, log);
        announce(server);
        UntilTold.await();
        return PoolMain.OK;
    }

    /** The addresses come first: a pool that cannot be served is not created. */
    private PoolServer serveNew(PoolFolder folder, List<ListenAddress> addresses,
            Optional<ServerSocketChannel> inherited, Tls secured, ServerLog log) throws IOException {
        NewPool wanted = wanted();
        try (NewFolder created = NewFolder.at(path)) {
            List<Endpoint> bound = bind(addresses, inherited);
            NamedPool pool;
            try {
                create(wanted);
                pool = folder.openToServe(options(folder), new LoggedEvents(log::event));
            } catch (IOException | RuntimeException e) {
                ListenAddress.closeAll(bound, e);
                throw e;
            }
            created.keep();
            return serve(folder, pool, bound, secured, log);
        }
    }

    private PoolServer serveOld(PoolFolder folder, List<ListenAddress> addresses,
            Optional<ServerSocketChannel> inherited, Tls secured, ServerLog log) throws IOException {
        NamedPool pool = folder.openToServe(options(folder), new LoggedEvents(log::event));
        List<Endpoint> bound;
        try {
            bound = bind(addresses, inherited);
        } catch (IOException | RuntimeException e) {
            try (pool) {
                throw e;
            }
        }
        return serve(folder, pool, bound, secured, log);
    }

    private PoolServer serve(PoolFolder folder, NamedPool pool, List<Endpoint> bound, Tls secured, ServerLog log)
            throws IOException {
        return PoolServer.serve(folder, pool, bound, Limits.defaults().withConnections(connections), secured,
                log::client);
    }

    private static List<Endpoint> bind(List<ListenAddress> addresses, Optional<ServerSocketChannel> inherited)
            throws IOException {
        List<Endpoint> bound;
        try {
            bound = ListenAddress.bindAll(addresses);
        } catch (IOException e) {
            throw e.getCause() instanceof BindException
                    ? new IOException(e.getMessage() + "; --listen takes other addresses", e)
                    : e;
        }
        if (inherited.isPresent()) {
            bound.add(Endpoint.inherited(inherited.get()));
        }
        return bound;
    }

    private void requireAtLeast(String option, int value, int least) {
        if (value < least) {
            throw new ParameterException(spec.commandLine(), option + ": at least " + least + ", not " + value);
        }
    }

    private Tls tls() throws IOException {
        Tls.Mode mode = switch (tls) {
        case "off" -> Tls.Mode.NOTLS;
        case "on" -> Tls.Mode.SELECTIVE;
        case "require" -> Tls.Mode.FORCED;
        default -> throw new ParameterException(spec.commandLine(), "--tls: off, on or require, not '" + tls + "'");
        };
        if ((mode == Tls.Mode.NOTLS) != (certificates == null)) {
            throw new ParameterException(spec.commandLine(),
                    "--tls on or require and --tls-certificates go together: neither means anything alone");
        }
        return Tls.load(certificates, mode, !anyClient);
    }

    private List<ListenAddress> addresses(PoolFolder folder) {
        if (listen.isEmpty()) {
            return List.of(new ListenAddress.Unix(folder.nbdSocket()));
        }
        return ListenOption.addresses(spec, listen, allowPublic, "read and change all volumes");
    }

    private NewPool wanted() throws IOException {
        if (size <= 0 || size % SECTOR != 0) {
            throw new ParameterException(spec.commandLine(), "--size: a multiple of " + SECTOR + " bytes, above 0");
        }
        return sizes.newPool(path);
    }

    private void create(NewPool wanted) throws IOException {
        NamedPool.create(path, wanted.geometry(), PoolOptions.defaults(), PoolEvents.NONE,
                made -> made.createVolume(FIRST_VOLUME, size)).close();
        terminal.out().println("made a pool in " + path + " with one volume, " + FIRST_VOLUME);
    }

    private PoolOptions options(PoolFolder folder) {
        PoolFolder.Extent data = folder.dataExtent();
        long low = lowWater == null ? data.blocks() / LOW : Math.ceilDiv(lowWater, data.blockSize());
        return PoolOptions.defaults().withErrorIfNoSpace(errorIfNoSpace)
                .withNoSpaceTimeout(Duration.ofSeconds(noSpaceTimeout)).withLowWater(low).withZeroing(!skipZeroing)
                .withDiscards(true, !noPassDown);
    }

    private void announce(PoolServer server) {
        PoolReport pool = server.pool().status();
        List<VolumeReport> volumes = server.pool().volumes();
        terminal.out().println("serving " + path + ": " + Sizes.format(pool.dataUsed()) + " of "
                + Sizes.format(pool.dataSize()) + " used, " + volumes.size()
                + (volumes.size() == 1 ? " volume" : " volumes") + ", mode " + pool.mode()
                + (pool.needsCheck() ? "; it needs a check: 'pdata pool check'" : ""));
        server.addresses().forEach(address -> terminal.out().println("listening on " + address));
        if (!volumes.isEmpty()) {
            String example = volumes.stream().map(VolumeReport::name).filter(FIRST_VOLUME::equals).findFirst()
                    .orElse(volumes.getFirst().name());
            server.addresses().stream().findFirst().ifPresent(address -> connecting(address, example));
        }
        terminal.out().flush();
    }

    private void connecting(ListenAddress address, String volume) {
        String client = switch (address) {
        case ListenAddress.Unix unix -> "-unix '" + unix.path().toAbsolutePath().normalize() + "'";
        case ListenAddress.Tcp tcp -> tcp.address().getAddress().getHostAddress() + " " + tcp.address().getPort();
        };
        boolean encrypted = tls.equals("require");
        String uri = "'" + (encrypted ? address.tlsUri(volume, "CERTIFICATES") : address.uri(volume)) + "'";
        terminal.out().println("to connect to volume " + volume
                + (encrypted ? ", with a client's certificate in the folder CERTIFICATES" : "") + ", for example:");
        terminal.out().println("  nbdinfo " + uri);
        terminal.out().println("  nbdcopy disk.img " + uri);
        if (encrypted) {
            terminal.out().println("  nbd-client -N " + volume + " " + client + " /dev/nbd0 -cacertfile"
                    + " CERTIFICATES/ca-cert.pem -certfile CERTIFICATES/client-cert.pem -keyfile"
                    + " CERTIFICATES/client-key.pem");
        } else {
            terminal.out().println("  qemu-system-x86_64 -drive format=raw,if=virtio,discard=unmap,file=" + uri);
            terminal.out().println("  nbd-client -N " + volume + " " + client + " /dev/nbd0");
        }
    }
}

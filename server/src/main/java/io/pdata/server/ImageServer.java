package io.pdata.server;

import io.pdata.nbd.Export;
import io.pdata.nbd.Exports;
import io.pdata.nbd.Limits;
import io.pdata.nbd.MetadataContext;
import io.pdata.nbd.NbdServer;
import io.pdata.replication.ImageDevice;
import io.pdata.replication.ImageSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Serves one volume out of images over NBD, for reading; it is the default export, too. Thread-safe. */
public final class ImageServer implements AutoCloseable {
    private final NbdServer nbd;
    private final ImageDevice device;
    private final List<ListenAddress> addresses = new ArrayList<>();

    private ImageServer(ImageDevice device, Limits limits, Consumer<String> log) {
        this.device = device;
        this.nbd = new NbdServer(new OneExport(device), limits, log);
    }

    /**
     * Begins to serve.
     *
     * @param source belongs to the server from now on, and is closed with it or if this fails
     * @param log gets a line for whatever goes wrong with a client; called by any thread
     * @throws IOException if an address cannot be listened on; the message names it
     */
    public static ImageServer start(ImageSource source, List<ListenAddress> addresses, Limits limits,
            Consumer<String> log) throws IOException {
        ImageServer server = new ImageServer(new ImageDevice(source), limits, log);
        try {
            for (ListenAddress address : addresses) {
                server.addresses.add(ListenAddress.of(server.nbd.listen(address.bind())));
            }
            return server;
        } catch (IOException | RuntimeException e) {
            try (server) {
                throw e;
            }
        }
    }

    /** The name of the export. */
    public String export() {
        return device.name();
    }

    /** Where the server listens, in the order that was asked for. */
    public List<ListenAddress> addresses() {
        return List.copyOf(addresses);
    }

    /** Finishes what clients have asked for, lets none in any more, and closes the images. */
    @Override
    public void close() throws IOException {
        try (device) {
            nbd.close();
        }
    }

    private record OneExport(ImageDevice device) implements Exports {
        @Override
        public List<String> names() {
            return List.of(device.name());
        }

        @Override
        public Optional<Export> open(String name) {
            return name.isEmpty() || name.equals(device.name())
                    ? Optional.of(new ImageExport(device))
                    : Optional.empty();
        }
    }

    private record ImageExport(ImageDevice device) implements Export {
        @Override
        public String name() {
            return device.name();
        }

        @Override
        public MetadataContext allocation() {
            return new Allocation(device);
        }

        @Override
        public void close() {
            // the device is that of all connections
        }
    }

    private record Allocation(ImageDevice device) implements MetadataContext {
        /** NBD_STATE_HOLE and NBD_STATE_ZERO. */
        private static final int HOLE_OF_ZEROES = 1 | 2;

        @Override
        public String name() {
            return "base:allocation";
        }

        @Override
        public void describe(long position, long length, Extents extents) {
            device.describe(position, length, (bytes, hole) -> extents.extent(bytes, hole ? HOLE_OF_ZEROES : 0));
        }
    }
}

package io.pdata.server;

import io.pdata.core.device.DeviceBusyException;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.tools.MetadataFile;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A folder with a pool in it, and the sockets of the server that has it open, if there is one. */
public record PoolFolder(Path path) {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long RETRY_MILLIS = 50;
    private static final long SECTOR = 512;

    /** Where clients of volumes connect, unless told otherwise. */
    public Path nbdSocket() {
        return path.resolve("nbd.sock");
    }

    /** Where requests to the pool are taken. */
    public Path controlSocket() {
        return path.resolve("control.sock");
    }

    private Path metadata() {
        return path.resolve("metadata");
    }

    /** Whether there is a pool. */
    public boolean hasPool() {
        return Files.exists(metadata());
    }

    /**
     * Whether a new pool can be created here: there is no such folder, or nothing in it but what a creation that was interrupted
     * has left, which is removed or, if it is a whole pool, put in place.
     */
    public boolean isFree() throws IOException {
        if (!Files.exists(path)) {
            return true;
        }
        if (!Files.isDirectory(path)) {
            throw new IOException(path + ": is no folder");
        }
        if (NamedPool.settleCreation(path)) {
            return true;
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.allMatch(this::isOldSocket);
        }
    }

    /** Sockets are bound before a pool is created, so a server that was killed in between has left nothing but them. */
    private boolean isOldSocket(Path file) {
        return (file.equals(nbdSocket()) || file.equals(controlSocket())) && !Files.isRegularFile(file)
                && !Files.isDirectory(file);
    }

    /** The server that has the pool open; empty if there is none. */
    public Optional<RemotePool> connect() throws IOException {
        if (!Files.exists(controlSocket())) {
            return Optional.empty();
        }
        try {
            return Optional.of(RemotePool.connect(controlSocket()));
        } catch (SocketException e) {
            return Optional.empty(); // left behind by a server that was killed
        }
    }

    /**
     * The pool, for requests: through its server if there is one, otherwise opened here. Waits a while for others that
     * have it open and do not serve it: they make requests too, or are about to serve it.
     *
     * @throws DeviceException if there is no pool, or it cannot be opened
     */
    public PoolService open(PoolOptions options) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Optional<RemotePool> server = connect();
            if (server.isPresent()) {
                return server.get();
            }
            requirePool();
            try {
                return new LocalPool(NamedPool.open(path, options, PoolEvents.NONE));
            } catch (DeviceBusyException e) {
                waitFor(e, deadline);
            }
        }
    }

    /**
     * Opens the pool to serve it.
     *
     * @throws DeviceBusyException if it is served already, or somebody else uses it and does not stop soon
     */
    public NamedPool openToServe(PoolOptions options, PoolEvents events) throws IOException {
        return whenFree(() -> NamedPool.open(path, options, events));
    }

    /**
     * Checks the metadata of a pool that nobody uses. If nothing is wrong, the mark that they are in need of a check is taken
     * away if there is one, and the pool can be changed again.
     *
     * @return what is so afterwards
     * @throws DeviceBusyException if it is served, or somebody else uses it and does not stop soon
     */
    public CheckReport checkAndClear() throws IOException {
        return whenFree(() -> {
            try (FileDevice device = FileDevice.open(metadata(), Access.READ_WRITE);
                    MetadataFile metadata = new MetadataFile(device)) {
                CheckReport found = MetadataCheck.of(metadata);
                if (found.clean() && found.needsCheck()) {
                    ThinSuperblock.clearNeedsCheck(device);
                }
                return new CheckReport(found.clean(), found.needsCheck() && !found.clean(), found.findings());
            }
        });
    }

    /** Does something that needs the pool for itself alone. */
    private <T> T whenFree(Supplier<T> work) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (RemotePool server = connect().orElse(null)) {
                if (server != null) {
                    throw new DeviceBusyException(
                            path + ": is being served already, by process " + server.status().serverPid());
                }
            }
            requirePool();
            try {
                return work.get();
            } catch (DeviceBusyException e) {
                waitFor(e, deadline);
            }
        }
    }

    /**
     * The room for data in a pool.
     *
     * @param blocks how many blocks
     * @param blockSize how large each is, in bytes
     */
    public record Extent(long blocks, long blockSize) {}

    /** The room for data that the pool has, as its superblock says; whoever has the pool open. */
    public Extent dataExtent() {
        requirePool();
        try (MetadataFile metadata = MetadataFile.openLive(metadata())) {
            ThinSuperblock superblock = metadata.superblock(ThinSuperblockLayout.VALIDATOR, ThinSuperblock::read);
            return new Extent(superblock.dataSpaceMap().blocks(), superblock.dataBlockSectors() * SECTOR);
        }
    }

    private void requirePool() {
        if (Files.isDirectory(path) && !Files.isExecutable(path)) {
            throw new DeviceException(path + ": permission denied");
        }
        if (!hasPool() && Files.isDirectory(path)) {
            finishCreation();
        }
        if (!hasPool()) {
            throw new DeviceException(path + ": there is no pool in this folder (no file 'metadata')");
        }
    }

    private void finishCreation() {
        try {
            NamedPool.settleCreation(path);
        } catch (IOException e) {
            throw new DeviceException(
                    "the creation of a pool was interrupted, and cannot be finished: " + e.getMessage(), e);
        }
    }

    private static void waitFor(DeviceBusyException busy, long deadline) {
        if (System.nanoTime() > deadline) {
            throw busy;
        }
        try {
            Thread.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy;
        }
    }
}

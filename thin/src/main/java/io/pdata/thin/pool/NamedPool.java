package io.pdata.thin.pool;

import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.thin.BlockTime;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.ThinView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A pool in a folder, whose volumes have names.
 *
 * <p>The folder holds {@code metadata} and {@code data} - files, or links to block devices - in the kernel's format,
 * {@code names.N} ({@link NamesFile}) and {@code uncommitted} ({@link IntentLog}). Metadata and data are all that the
 * kernel needs; a pool that was made by others and lies in such a folder is taken over ({@link Census}).
 *
 * <p>Thread-safe; requests wait for each other. Every request is durable when it returns, names and metadata together.
 * Errors: {@link ThinRequestException}, and nothing has happened.
 */
public final class NamedPool implements AutoCloseable {
    private static final long SECTOR = 512;

    private final ThinPool pool;
    private final Device metadata;
    private final Device data;
    private final boolean storageReturned;
    private final NamesFile file;
    private final PoolEvents events;
    private final ExternalOrigins externalOrigins = new ExternalOrigins();
    /** Taken before the pool's lock to resize a volume. */
    private final ReentrantLock resizing = new ReentrantLock();
    private Map<String, NamedVolume> volumes = new TreeMap<>();
    /** The answer of {@link #volumes()} while there is none of a later state. */
    private List<NamedVolume> listed;
    private Map<String, NamedVolume> listedFrom;
    private long transactionId;

    /**
     * How large a new pool is to be.
     *
     * @param dataBytes the size of the data file, of which nothing is taken up before it is written
     * @param metadataBytes the size of the metadata file, all of which is set aside
     * @param blockSectors the size of a data block in sectors of 512 bytes: a multiple of 128, up to 2097152
     */
    public record Geometry(long dataBytes, long metadataBytes, int blockSectors) {}

    /**
     * The volumes that there were at one moment, and the pool's metadata as they were then.
     *
     * @param volumes by name
     * @param view to be closed
     */
    public record Moment(List<NamedVolume> volumes, ThinView view) implements AutoCloseable {
        @Override
        public void close() {
            view.close();
        }
    }

    private NamedPool(NamesFile file, ThinPool pool, PoolFiles files, PoolEvents events) {
        this.file = file;
        this.pool = pool;
        this.metadata = files.metadata();
        this.data = files.data();
        this.storageReturned = files.data().canDiscard();
        this.events = events;
    }

    /**
     * Creates a pool in a folder and opens it. A folder that does not exist is created, for this user alone, and so are the
     * files: whoever can read the data file can read all volumes. If this fails nothing is left of the pool; if the process
     * is killed the next one removes or finishes what there is ({@link PoolCreation}).
     *
     * @throws DeviceException also if there is something of a pool in the folder already
     */
    public static NamedPool create(Path folder, Geometry geometry, PoolOptions options, PoolEvents events)
            throws IOException {
        return create(folder, geometry, options, events, _ -> {});
    }

    /**
     * As the other, with volumes that are there as soon as the pool is.
     *
     * @param volumes creates them
     */
    public static NamedPool create(Path folder, Geometry geometry, PoolOptions options, PoolEvents events,
            Consumer<NamedPool> volumes) throws IOException {
        PoolCreation creation = PoolCreation.begin(folder);
        try {
            try (NamedPool pool = format(creation.building(), geometry, options)) {
                volumes.accept(pool);
                creation.complete();
            }
            creation.publish();
        } catch (IOException | RuntimeException | Error e) {
            creation.undo(e);
            throw e;
        }
        return open(folder, options, events);
    }

    private static NamedPool format(Path folder, Geometry geometry, PoolOptions options) {
        NamesFile names = new NamesFile(folder);
        PoolFiles files = PoolFiles.create(folder, geometry);
        ThinPool pool = ThinPool.format(files.metadata(), files.data(), files.log(), geometry.blockSectors(), options,
                PoolEvents.NONE);
        NamedPool named = new NamedPool(names, pool, files, PoolEvents.NONE);
        try {
            names.write(0, List.of());
            names.keepOnly(0);
            return named;
        } catch (RuntimeException e) {
            try (named) {
                throw e;
            }
        }
    }

    /**
     * Finishes or removes what is left in a folder of the creation of a pool that was interrupted.
     *
     * @return whether the folder holds nothing, so that a pool can be created there
     */
    public static boolean settleCreation(Path folder) throws IOException {
        PoolCreation.settle(folder);
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }

    /** Opens the pool in a folder. */
    public static NamedPool open(Path folder, PoolOptions options, PoolEvents events) {
        PoolFiles files = PoolFiles.open(folder);
        ThinPool pool = ThinPool.open(files.metadata(), files.data(), files.log(), options, events);
        NamedPool named = new NamedPool(new NamesFile(folder), pool, files, events);
        if (options.passDown() && !named.storageReturned) {
            events.warned(files.data().name()
                    + ": its file system cannot make holes in files: storage that volumes give up is"
                    + " used for new blocks, but does not go back to the file system");
        }
        return named.loaded();
    }

    private NamedPool loaded() {
        try {
            transactionId = pool.status().transactionId();
            NamesFile.Found names = file.find(transactionId);
            if (!names.damaged().isEmpty()) {
                names.damaged().forEach(damage -> events.warned(damage.getMessage()
                        + "; the names before the last change are used, and a volume that is not among them is called thin-ID"));
                file.setAside(transactionId);
            }
            List<NamedVolume> agreed;
            try (ThinView view = pool.openView()) {
                agreed = Census.of(view, names.volumes(), pool.blockBytes(), pool.damage());
            }
            if (!names.exact() || !agreed.equals(names.volumes())) {
                file.write(transactionId, agreed);
            }
            agreed.forEach(volume -> volumes.put(volume.name(), volume));
            file.keepOnly(transactionId);
            deletePassing();
            return this;
        } catch (RuntimeException e) {
            try (pool) {
                throw e;
            }
        }
    }

    public ThinPool pool() {
        return pool;
    }

    /** Whether freed storage can go back to the data device's file system. */
    public boolean storageReturned() {
        return storageReturned;
    }

    /** All volumes, by name. The same list as long as nothing about them has changed: O(1) then. */
    public synchronized List<NamedVolume> volumes() {
        if (listedFrom != volumes) {
            listed = volumes.values().stream().filter(volume -> !volume.hidden()).toList();
            listedFrom = volumes;
        }
        return listed;
    }

    /** The volume of a name. */
    public synchronized Optional<NamedVolume> find(String name) {
        return Optional.ofNullable(volumes.get(name)).filter(volume -> !volume.hidden());
    }

    /** All volumes, and the metadata of the same moment; commits what has been done so far. To be closed. */
    public synchronized Moment openMoment() {
        return new Moment(volumes(), pool.openView());
    }

    /** The metadata file as of the last commit, for tools that read it while the pool is in use. To be closed. */
    public CommittedMetadata openCommittedMetadata() {
        return pool.openCommittedMetadata(metadata);
    }

    /**
     * Gives the pool more room. Sizes are rounded up to whole blocks. If that is not possible the pool and its files are
     * not changed.
     *
     * @param dataBytes the size of the data file from now on; 0: as it is
     * @param metadataBytes the size of the metadata file from now on; 0: as it is
     * @throws ThinRequestException INVALID: a pool cannot become smaller, or that large; the message says how large
     */
    public synchronized void grow(long dataBytes, long metadataBytes) {
        new Growth(pool, data, metadata).to(dataBytes, metadataBytes);
    }

    /** Makes an empty volume. */
    public NamedVolume createVolume(String name, long size) {
        return createVolume(name, size, "");
    }

    /**
     * Makes a volume that shows another file or device where nothing has been written to it: its external origin, which is
     * never written to, and must not be by anybody else. The part behind the origin's end is zeroes.
     *
     * @param size in bytes; 0: as the external origin
     * @param externalOrigin its path, which snapshots refer to as well; empty: there is none
     * @throws DeviceException if the external origin cannot be opened
     */
    public NamedVolume createVolume(String name, long size, String externalOrigin) {
        String path = ExternalOrigins.absolute(externalOrigin);
        Device shown = externalOrigins.get(path, 0);
        long bytes = size == 0 && shown != null ? Math.ceilDiv(shown.size(), SECTOR) * SECTOR : size;
        return createVolume(name, bytes, path, shown == null ? 0 : shown.size());
    }

    private synchronized NamedVolume createVolume(String name, long size, String externalOrigin, long originSize) {
        checkNew(name);
        checkSize(size);
        NamedVolume volume = new NamedVolume(name, freeId(), transactionId, size, "", externalOrigin, originSize,
                Instant.now(), false);
        commit(Set.of(), metadata -> metadata.createThin(volume.id()), map -> map.put(name, volume));
        return volume;
    }

    /** Makes a snapshot of a volume, which may be in use. O(1). */
    public synchronized NamedVolume createSnapshot(String name, String origin, boolean readOnly) {
        checkNew(name);
        NamedVolume of = required(origin);
        NamedVolume volume = new NamedVolume(name, freeId(), transactionId, of.size(), origin,
                of.externalOrigin(), of.externalOriginSize(), Instant.now(), readOnly);
        commit(Set.of(of.id()), metadata -> metadata.createSnapshot(volume.id(), of.id()),
                map -> map.put(name, volume));
        return volume;
    }

    /** Deletes a volume; in any order, whatever is a snapshot of what. Its snapshots become those of its own origin. */
    public synchronized void delete(String name) {
        NamedVolume volume = required(name);
        free(metadata -> metadata.delete(volume.id()), map -> {
            map.remove(name);
            map.replaceAll((_, other) -> other.origin().equals(name) ? other.withOrigin(volume.origin()) : other);
        });
    }

    /** Gives a volume another name. It may be in use, and stays what it is for those who use it. */
    public synchronized void rename(String name, String newName) {
        NamedVolume volume = required(name);
        checkNew(newName);
        commit(Set.of(), _ -> {}, map -> {
            map.remove(name);
            map.put(newName, volume.withName(newName));
            map.replaceAll((_, other) -> other.origin().equals(name) ? other.withOrigin(newName) : other);
        });
    }

    /**
     * Changes the size of a volume. What is beyond the end of a smaller one is given up, and does not come back when it
     * grows again. Nobody should be writing there meanwhile.
     */
    public void resize(String name, long size) {
        resize(() -> required(name), size);
    }

    /** Unmaps everything beyond a smaller end, without the pool's lock, because it may take long. */
    private void resize(Supplier<NamedVolume> which, long size) {
        checkSize(size);
        resizing.lock();
        try (Volume open = opened(which)) {
            if (size < open.size()) {
                open.resize(size, false); // first, so that nothing of it shows if a crash comes and the volume grows later
            }
            synchronized (this) {
                NamedVolume volume = which.get();
                commit(Set.of(), _ -> {}, map -> map.put(volume.name(), volume.withSize(size)));
                open.resize(size, false);
            }
        } finally {
            resizing.unlock();
        }
    }

    /** Gives a volume, which must not be in use, size and content of a snapshot; the snapshot stays. O(what that frees). */
    public synchronized void revert(String name, String snapshot) {
        NamedVolume volume = required(name);
        NamedVolume source = required(snapshot);
        if (source.id() == volume.id()) {
            throw new ThinRequestException(Reason.INVALID, "volume '" + name + "' is no snapshot of itself");
        }
        NamedVolume reverted = new NamedVolume(name, freeId(), transactionId, source.size(), volume.origin(),
                source.externalOrigin(), source.externalOriginSize(), volume.created(), volume.readOnly());
        commit(Set.of(source.id()), metadata -> {
            metadata.delete(volume.id());
            metadata.createSnapshot(reverted.id(), source.id());
        }, map -> map.put(name, reverted));
    }

    /** Opens a volume for reading and writing; to be closed. */
    public Volume open(String name) {
        return opened(() -> required(name));
    }

    /**
     * Opens a volume, whatever it is called by now; to be closed.
     *
     * @throws ThinRequestException UNKNOWN_DEVICE: it has gone
     */
    public Volume open(NamedVolume volume) {
        return opened(() -> present(volume));
    }

    private NamedVolume present(NamedVolume volume) {
        NamedVolume named = volumes.get(volume.name());
        return named != null && named.isSameVolume(volume)
                ? named
                : volumes.values().stream().filter(volume::isSameVolume).findFirst()
                        .orElseThrow(() -> unknown(volume.name()));
    }

    // ---- volumes that only one user knows of, until they are complete ----

    /** Those that wait to be completed, or are just being. Their names are those that they will have. */
    public synchronized List<NamedVolume> unfinished() {
        return volumes.values().stream().filter(NamedVolume::hidden).map(NamedPool::asItWillBeCalled).toList();
    }

    /**
     * Makes a volume that nobody sees, and nobody can make one of its name meanwhile. It is to be completed or abandoned;
     * if it has the receipt {@link NamedVolume#PASSING}, whoever opens the pool next abandons it.
     *
     * @param origin what it is a snapshot of, which may be in use; null for an empty one
     */
    public NamedVolume begin(String name, long size, NamedVolume origin, String receipt) {
        checkSize(size);
        beginUnfinished(name, size, origin, receipt);
        resizeUnfinished(name, size);
        synchronized (this) {
            return asItWillBeCalled(hidden(name));
        }
    }

    private synchronized void beginUnfinished(String name, long size, NamedVolume origin, String receipt) {
        checkNew(name);
        NamedVolume volume = new NamedVolume(NamedVolume.HIDDEN + name, freeId(), transactionId,
                origin == null ? size : origin.size(), origin == null ? "" : origin.name(),
                origin == null ? "" : origin.externalOrigin(), Instant.now(), false, null, receipt,
                origin == null ? 0 : origin.externalOriginSize());
        commit(origin == null ? Set.of() : Set.of(origin.id()), metadata -> {
            if (origin == null) {
                metadata.createThin(volume.id());
            } else {
                metadata.createSnapshot(volume.id(), origin.id());
            }
        }, map -> map.put(volume.name(), volume));
    }

    /** Gives an unfinished volume another size. */
    public void resizeUnfinished(String name, long size) {
        boolean other;
        synchronized (this) {
            other = size != hidden(name).size();
        }
        if (other) {
            resize(() -> hidden(name), size);
        }
    }

    /** Opens an unfinished volume; to be closed. */
    public Volume openUnfinished(String name) {
        return opened(() -> hidden(name));
    }

    /** Notes how much of a volume there is, which must have been flushed. */
    public synchronized void note(String name, String receipt) {
        NamedVolume volume = hidden(name);
        commit(Set.of(), _ -> {}, map -> map.put(volume.name(), volume.withReceipt(receipt)));
    }

    /**
     * Lets everybody see a volume.
     *
     * @param content what it holds, if it is not to be written to; null if it is
     */
    public synchronized NamedVolume complete(String name, UUID content) {
        NamedVolume volume = hidden(name);
        commit(Set.of(), _ -> {}, map -> {
            map.remove(volume.name());
            map.put(name, volume.received(name, content));
        });
        return required(name);
    }

    /** Deletes an unfinished volume, which must be closed. */
    public synchronized void abandon(String name) {
        NamedVolume volume = hidden(name);
        free(metadata -> metadata.delete(volume.id()), map -> map.remove(volume.name()));
    }

    private static NamedVolume asItWillBeCalled(NamedVolume volume) {
        return volume.withName(volume.name().substring(NamedVolume.HIDDEN.length()));
    }

    private NamedVolume hidden(String name) {
        NamedVolume volume = volumes.get(NamedVolume.HIDDEN + name);
        if (volume == null) {
            throw new ThinRequestException(Reason.UNKNOWN_DEVICE, "no volume '" + name + "' has been received in part");
        }
        return volume;
    }

    private void deletePassing() {
        List<NamedVolume> passing = volumes.values().stream()
                .filter(volume -> volume.receipt().equals(NamedVolume.PASSING)).toList();
        if (pool.status().mode().compareTo(PoolMode.OUT_OF_METADATA_SPACE) > 0) {
            return;
        }
        for (NamedVolume volume : passing) {
            try {
                free(metadata -> metadata.delete(volume.id()), map -> map.remove(volume.name()));
            } catch (ThinRequestException e) {
                events.warned("what is left of '" + asItWillBeCalled(volume).name() + "' cannot be deleted: "
                        + e.getMessage());
            }
        }
    }

    /** Opens a volume; first, without the pool's lock, its external origin, for that may take long. */
    private Volume opened(Supplier<NamedVolume> which) {
        NamedVolume volume;
        synchronized (this) {
            volume = which.get();
        }
        ExternalOrigin origin = externalOrigins.get(volume.externalOrigin(), volume.externalOriginSize());
        if (origin != null && origin.present() < origin.size()) {
            events.warned("volume '" + volume.name() + "': its external origin " + origin.name() + " has "
                    + origin.present() + " bytes, and had " + origin.size()
                    + " when the volume was created: what is missing cannot be read");
        }
        synchronized (this) {
            NamedVolume now = which.get();
            if (!now.isSameVolume(volume)) {
                throw new ThinRequestException(Reason.BUSY,
                        "volume '" + now.name() + "' is just being reverted; try again");
            }
            return pool.openVolume(now.id(), now.size(), origin);
        }
    }

    private void commit(Set<Long> quiesced, Consumer<ThinMetadata> requests,
            Consumer<Map<String, NamedVolume>> change) {
        commit(requests, change, all -> pool.request(quiesced, all));
    }

    /** Commits requests that only free space. */
    private void free(Consumer<ThinMetadata> requests, Consumer<Map<String, NamedVolume>> change) {
        commit(requests, change, pool::free);
    }

    private void commit(Consumer<ThinMetadata> requests, Consumer<Map<String, NamedVolume>> change,
            Consumer<Consumer<ThinMetadata>> way) {
        Map<String, NamedVolume> changed = new TreeMap<>(volumes);
        change.accept(changed);
        long next = transactionId + 1;
        file.write(next, changed.values().stream().sorted(Comparator.comparingLong(NamedVolume::id)).toList());
        try {
            way.accept(metadata -> {
                requests.accept(metadata);
                metadata.setTransactionId(transactionId, next);
            });
        } catch (ThinRequestException | NoSpaceException e) {
            file.keepOnly(transactionId);
            throw e; // after any other error nobody knows which of the two ids is on the disk: both files stay
        }
        transactionId = next;
        volumes = changed;
        file.keepOnly(next);
    }

    private long freeId() {
        Set<Long> used = new HashSet<>();
        try (ThinView view = pool.openView()) {
            view.forEachDevice((id, _) -> used.add(id) || true);
        } catch (CorruptionException e) {
            throw KnownDamage.refusal(e);
        }
        long id = 0;
        while (used.contains(id)) {
            id++;
        }
        return id;
    }

    private NamedVolume required(String name) {
        return find(name).orElseThrow(() -> unknown(name));
    }

    private static ThinRequestException unknown(String name) {
        return new ThinRequestException(Reason.UNKNOWN_DEVICE, "there is no volume '" + name + "'");
    }

    private void checkNew(String name) {
        if (!NamedVolume.isName(name)) {
            throw new ThinRequestException(Reason.INVALID, "'" + name
                    + "' is no name: up to 128 letters, digits and any of _ . @ : + -, beginning with a letter, a digit or _");
        }
        if (volumes.containsKey(name)) {
            throw new ThinRequestException(Reason.DEVICE_EXISTS, "there is a volume '" + name + "' already");
        }
        if (volumes.containsKey(NamedVolume.HIDDEN + name)) {
            throw new ThinRequestException(Reason.DEVICE_EXISTS, "a volume '" + name + "' has been received in part");
        }
    }

    private void checkSize(long size) {
        if (size <= 0 || size % SECTOR != 0) {
            throw new ThinRequestException(Reason.INVALID,
                    "a volume cannot have " + size + " bytes: it has a multiple of 512, above 0");
        }
        if (size / pool.blockBytes() >= BlockTime.MAX_BLOCKS) {
            throw new ThinRequestException(Reason.INVALID, "a volume cannot have " + size
                    + " bytes: with blocks of " + pool.blockBytes() + " bytes it is smaller than "
                    + BlockTime.MAX_BLOCKS * pool.blockBytes());
        }
    }

    @Override
    public void close() {
        try (externalOrigins) {
            pool.close();
        }
    }
}

package io.pdata.thin.pool;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.EngineThread;
import io.pdata.core.device.ErrorText;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.store.MetadataRefusedException;
import io.pdata.core.store.OpenOptions;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinView;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A thin pool in user space: metadata and data devices in the kernel's format, and the volumes on them.
 *
 * <p>Thread-safe. Every request that changes which volumes there are is durable when it returns. What is written to a
 * volume is durable after its {@link Volume#flush}; but it outlives this process as soon as the write has returned, as
 * long as the machine keeps running, if the intent log does: whoever opens the pool next goes on where this one stopped.
 *
 * <p>Source: format document "thin", sections 4 to 10.
 */
public final class ThinPool implements AutoCloseable {
    /** The size of the device that keeps what has not been committed yet, in bytes. */
    public static final long LOG_BYTES = IntentLog.SIZE;

    private static final long BYTES_PER_SECTOR = 512;

    private final Device data;
    private final PoolOptions options;
    private final PoolMetadata metadata;
    private final ScheduledExecutorService clock;
    private final PoolEvents events;
    /** Why the last periodic commit failed; used by its thread only. */
    private String commitFailure = "";

    private static final class Use {
        final Volume volume;
        int openings = 1;

        Use(Volume volume) {
            this.volume = volume;
        }
    }

    private final Map<Long, Use> inUse = new HashMap<>();
    private boolean closed;

    private ThinPool(ThinMetadata metadata, Device data, Device log, UUID boot, PoolOptions options,
            PoolEvents events) {
        this.options = options;
        this.events = events;
        this.clock = newClock();
        this.metadata = new PoolMetadata(metadata, data, log, boot, options, events, clock);
        this.data = new ReclaimingDevice(data, this.metadata::discardFreed);
        long period = options.commitPeriod().toMillis();
        if (period > 0) {
            clock.scheduleWithFixedDelay(this::commitPeriodically, period, period, TimeUnit.MILLISECONDS);
        }
    }

    /** Whatever goes wrong, the next commit is tried: a task that throws would not be run again. */
    private void commitPeriodically() {
        try {
            metadata.commitIfChanged();
            checkStorage();
            commitFailure = "";
        } catch (RuntimeException | Error e) {
            String reason = ErrorText.of(e);
            if (!reason.equals(commitFailure)) {
                commitFailure = reason;
                events.warned("changes could not be committed, and will be tried again: " + reason);
            }
        }
    }

    /** Tasks that are still scheduled when the pool is closed are dropped. */
    private static ScheduledExecutorService newClock() {
        ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1, EngineThread.factory("commit"),
                new ThreadPoolExecutor.DiscardPolicy());
        clock.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return clock;
    }

    /**
     * Makes a new pool: blank metadata device, as many data blocks as the data device has room for.
     *
     * @param blockSectors the size of a data block: a multiple of 128 sectors of 512 bytes, up to 2097152
     * @param log where changes are kept that are not committed yet, {@link #LOG_BYTES} bytes or more
     */
    public static ThinPool format(Device metadataDevice, Device data, Device log, int blockSectors, PoolOptions options,
            PoolEvents events) {
        return orClose(() -> withMetadata(ThinMetadata.format(metadataDevice, blockSectors, options.cacheBytes()), data,
                log, BootId.current(), options, events), metadataDevice, data, log);
    }

    /**
     * Opens a pool, also one that the kernel made. One that is marked as in need of a check is opened for reading only, as
     * the kernel does. Grows as the two devices have grown. All devices belong to the pool from now on, and are closed if
     * this fails.
     *
     * @throws MetadataRefusedException also if a device is smaller than the pool
     */
    public static ThinPool open(Device metadataDevice, Device data, Device log, PoolOptions options,
            PoolEvents events) {
        return open(metadataDevice, data, log, BootId.current(), options, events);
    }

    /**
     * As {@link #open}, where the operating system does not say which run of the machine this is: a log of uncommitted
     * changes is believed if it was written in the run of the same name.
     */
    public static ThinPool open(Device metadataDevice, Device data, Device log, UUID boot, PoolOptions options,
            PoolEvents events) {
        return orClose(() -> {
            boolean readOnly = options.readOnly() || ThinSuperblock.needsCheck(metadataDevice);
            OpenOptions how = readOnly ? OpenOptions.readOnly() : OpenOptions.readWrite();
            return withMetadata(ThinMetadata.open(metadataDevice, how.withCache(options.cacheBytes())), data, log, boot,
                    options, events);
        }, metadataDevice, data, log);
    }

    private static ThinPool orClose(Supplier<ThinPool> step, Device... devices) {
        try {
            return step.get();
        } catch (RuntimeException e) {
            for (Device device : devices) {
                try {
                    device.close();
                } catch (DeviceException suppressed) {
                    e.addSuppressed(suppressed);
                }
            }
            throw e;
        }
    }

    private static ThinPool withMetadata(ThinMetadata metadata, Device data, Device log, UUID boot, PoolOptions options,
            PoolEvents events) {
        ThinPool pool;
        try {
            requireAll(metadata, data);
            pool = new ThinPool(metadata, data, log, boot, options, events);
        } catch (RuntimeException e) {
            try (metadata) {
                throw e;
            }
        }
        try {
            pool.growIfPossible(events);
            pool.checkStorage();
            return pool;
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    private static void requireAll(ThinMetadata metadata, Device data) {
        long needed = metadata.space().dataBlocks() * metadata.dataBlockSectors() * BYTES_PER_SECTOR;
        if (data.size() < needed) {
            throw new MetadataRefusedException(data.name() + " cannot be the data of this pool: it has " + data.size()
                    + " bytes, and the pool uses " + needed);
        }
    }

    PoolMetadata metadata() {
        return metadata;
    }

    PoolOptions options() {
        return options;
    }

    Device data() {
        return data;
    }

    // ---- volumes ----

    /**
     * Makes an empty volume.
     *
     * @throws ThinRequestException DEVICE_EXISTS; INVALID for an id above {@link ThinMetadata#MAX_DEVICE_ID}
     */
    public void createVolume(long id) {
        request(Set.of(), requests -> requests.createThin(id));
    }

    /**
     * Makes a volume with the present content of another, which may be in use: its readers and writers wait for the
     * moment that this takes. O(1) in the size of the volume and the number of snapshots.
     *
     * @throws ThinRequestException DEVICE_EXISTS; UNKNOWN_DEVICE: no such origin; INVALID
     */
    public void createSnapshot(long id, long origin) {
        request(Set.of(origin), requests -> requests.createSnapshot(id, origin));
    }

    /**
     * Deletes a volume. Storage that only it used goes back to the data device: see {@link #discardFreed}.
     *
     * @throws ThinRequestException UNKNOWN_DEVICE; BUSY if it is open
     */
    public void deleteVolume(long id) {
        free(requests -> requests.delete(id));
    }

    /** Sets the number by which the pool's user knows its state, if it is {@code current} now. */
    public void setTransactionId(long current, long next) {
        request(Set.of(), requests -> requests.setTransactionId(current, next));
    }

    /** Keeps the present state of the metadata for others to read, until it is released. */
    public void reserveMetadataSnapshot() {
        request(Set.of(), ThinMetadata::reserveMetadataSnapshot);
    }

    /** Gives up what {@link #reserveMetadataSnapshot} keeps. */
    public void releaseMetadataSnapshot() {
        free(ThinMetadata::releaseMetadataSnapshot);
    }

    /**
     * Does several requests as one: all of them are committed together, or none.
     *
     * @param quiesced volumes whose readers and writers wait meanwhile: the origins of all snapshots that are taken, which
     *        then show them all at one moment
     * @param requests makes requests of the metadata, and nothing else
     * @throws ThinRequestException if one of them is not possible; then none has been done
     */
    public synchronized void request(Set<Long> quiesced, Consumer<ThinMetadata> requests) {
        requireOpen();
        if (!quiesced.isEmpty()) {
            metadata.flushData(); // nearly all of what is to be flushed while they have to wait
        }
        // synchronized: nobody may open a volume, and write to it, behind the back of who quiesces it
        quiesce(quiesced.stream().sorted().iterator(), () -> metadata.request(requests));
    }

    /**
     * As {@link #request}, for requests that only free space. They are possible out of metadata space, too.
     *
     * @throws NoSpaceException if even the reserve of the metadata is too small for them; then none has been done
     */
    public synchronized void free(Consumer<ThinMetadata> requests) {
        requireOpen();
        metadata.requestFreeing(requests);
    }

    private void quiesce(Iterator<Long> ids, Runnable work) {
        Use use = null;
        while (use == null && ids.hasNext()) {
            use = inUse.get(ids.next());
        }
        if (use == null) {
            work.run();
        } else {
            use.volume.quiesced(() -> quiesce(ids, work));
        }
    }

    /**
     * Opens a volume; every opening is to be closed.
     *
     * @param size in bytes; the pool's metadata does not know it. Not looked at if the volume is open already
     * @param origin what blocks show that have never been written; null for zeroes. It is not closed with the volume
     * @throws ThinRequestException UNKNOWN_DEVICE
     */
    public synchronized Volume openVolume(long id, long size, Device origin) {
        requireOpen();
        Use use = inUse.get(id);
        if (use != null) {
            use.openings++;
            return use.volume;
        }
        ThinDevice device = metadata.look(() -> metadata.metadata().openDevice(id));
        Volume volume = new Volume(this, device, size, origin);
        inUse.put(id, new Use(volume));
        return volume;
    }

    synchronized void closeVolume(Volume volume) {
        Use use = inUse.get(volume.id());
        if (!closed && use != null && use.volume == volume && --use.openings == 0) {
            inUse.remove(volume.id());
            metadata.look(() -> {
                metadata.metadata().closeDevice(volume.device());
                return null;
            });
        }
    }

    // ---- writes that wait for space ----

    /**
     * Has {@code callback} called, by any thread, whenever a write that {@link Volume#withoutWaiting} refused for lack of
     * space is worth another try. It may be called with locks of the pool, so it returns at once and calls nothing here.
     */
    public void onSpace(Runnable callback) {
        metadata.queue().add(callback);
    }

    /** Ends {@link #onSpace}. */
    public void removeOnSpace(Runnable callback) {
        metadata.queue().remove(callback);
    }

    /** Fails all writes that wait for space; none waits from now on. */
    public void endWaits() {
        metadata.endWaits();
    }

    // ---- the pool as a whole ----

    /**
     * Returns when the storage of all blocks that have been freed is back with the data device: for a caller that has deleted
     * something to make room. It comes back by itself too, a moment later. Others can use the pool while this runs.
     */
    public void discardFreed() {
        metadata.discardFreed();
    }

    /** Makes use of what the two devices have grown by since the pool was opened. */
    public void grow() {
        long blocks = data.refresh() / metadata.blockBytes();
        if (status().mode().compareTo(PoolMode.OUT_OF_METADATA_SPACE) <= 0) {
            metadata.growMetadata(); // first: it may be needed to count the data blocks
        }
        PoolStatus now = status();
        if (now.mode().compareTo(PoolMode.OUT_OF_DATA_SPACE) <= 0 && blocks > now.dataBlocks()) {
            metadata.growData(blocks);
        }
    }

    /** A device that cannot be used at its new size does not keep the pool from being used at its present one. */
    private void growIfPossible(PoolEvents events) {
        try {
            grow();
        } catch (ThinRequestException | NoSpaceException e) {
            if (status().dataBlocks() == 0) {
                throw e; // a new pool
            }
            events.notGrown(e);
        }
    }

    /** The damage that has been found since the pool was opened. */
    public KnownDamage damage() {
        return metadata.damage();
    }

    private void checkStorage() {
        metadata.checkStorage(data.storageLeft());
    }

    /** The most data blocks that the pool can have with {@code metadataBlocks}. */
    long mostDataBlocks(long metadataBlocks) {
        return metadata.look(() -> metadata.metadata().space().mostDataBlocks(metadataBlocks));
    }

    /** The size of the blocks that are provided and copied, in bytes. */
    public long blockBytes() {
        return metadata.blockBytes();
    }

    /** What the pool has and uses. Commits before, as the kernel does. */
    public PoolStatus status() {
        metadata.commitIfChanged();
        return metadata.look(() -> PoolStatus.of(metadata.metadata(), metadata.mode(), metadata.warnings()));
    }

    /** What the metadata says of a volume. */
    public DeviceDetails details(long id) {
        return metadata.look(() -> metadata.metadata().details(id))
                .orElseThrow(() -> new ThinRequestException(Reason.UNKNOWN_DEVICE, "there is no volume " + id));
    }

    /** A view of everything that has been done so far: commits it first. To be closed. */
    public ThinView openView() {
        metadata.commitIfChanged();
        return metadata.metadata().openView();
    }

    /** What {@code device}, which the pool's metadata are on, holds as of a commit of everything done so far. */
    CommittedMetadata openCommittedMetadata(Device device) {
        metadata.commitIfChanged();
        return metadata.look(() -> CommittedMetadata.open(device, metadata.metadata()));
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the pool has been closed");
        }
    }

    /**
     * Waits for the reads and writes that are under way, commits, and closes all devices. Volumes can no longer be used.
     * Writes that wait for space fail.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        clock.shutdown();
        clock.close();
        try {
            quiesce(inUse.keySet().stream().sorted().toList().iterator(), this::closeDevices);
        } catch (ThinRequestException e) {
            closeDevices(); // a read that does not end fails
        }
    }

    private void closeDevices() {
        try (data) {
            metadata.close();
        }
    }
}

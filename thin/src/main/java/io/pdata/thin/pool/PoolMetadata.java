package io.pdata.thin.pool;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.PersistentDataException;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.thin.BlockTime;
import io.pdata.thin.MappedRange;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinRequestException;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A pool's metadata in use: one change at a time, each known to readers and to the intent log before it is acknowledged,
 * and the mode that failures and lack of space lead to.
 *
 * <p>Invariants:
 * <ul>
 * <li>The data that a mapping points at is flushed before the mapping is committed.
 * <li>Storage of blocks that have become free is given back only when that is committed: until then a crash would bring
 * back whoever had them.
 * <li>After a change that failed the last commit is what counts; the mode is read-only at best.
 * </ul>
 *
 * <p>Thread-safe. All methods but {@link #lookup} and {@link #mode} wait for each other. Source: format document "thin",
 * sections 5, 7.5, 7.6 and 9.
 */
final class PoolMetadata implements AutoCloseable {
    /** A commit is made when this many mappings have been changed, so that memory and the log stay small. */
    private static final int MOST_CHANGES = 32_768;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition spaceFreed = lock.newCondition();
    private final ThinMetadata metadata;
    private final Device data;
    private final PoolOptions options;
    private final PoolEvents events;
    private final IntentLog log;
    private final Mappings mappings;
    private final FreedStorage freed;
    /** Blocks that have been allocated and are being filled. */
    private final Set<Long> unmapped = new HashSet<>();
    private final AtomicLong flushesAsked = new AtomicLong();
    private final ReentrantLock flushing = new ReentrantLock();
    private long flushesDone;
    private volatile PoolMode mode = PoolMode.WRITE;
    private boolean noLongerWaiting;
    private boolean lowWaterSaid;

    PoolMetadata(ThinMetadata metadata, Device data, Device log, UUID boot, PoolOptions options, PoolEvents events) {
        this.metadata = metadata;
        this.data = data;
        this.options = options;
        this.events = events;
        this.log = new IntentLog(log, boot);
        this.freed = new FreedStorage(data, blockBytes());
        metadata.beforeCommit(this::beforeCommit);
        metadata.afterCommit(this::committed);
        if (options.passDown()) {
            metadata.space().onDataFreed(freed::add);
        }
        this.mappings = new Mappings(metadata);
        if (metadata.writable()) {
            recover();
        } else {
            mode = PoolMode.READ_ONLY;
        }
    }

    /** Takes over what a process that was killed had not committed yet. */
    private void recover() {
        long replayed = log.replay(metadata.superblockChecksum(), new Replay(metadata));
        if (replayed > 0) {
            metadata.commit();
            events.recovered(replayed);
        }
        log.begin(metadata.superblockChecksum());
    }

    long blockBytes() {
        return metadata.dataBlockSectors() * 512L;
    }

    PoolMode mode() {
        return mode;
    }

    /** Where a block is. Any thread, without waiting. */
    long lookup(ThinDevice device, long virtualBlock) {
        return mappings.lookup(device.id(), virtualBlock);
    }

    // ---- changes of mappings ----

    /**
     * A free data block, which is to be filled and then either {@link #map mapped} or {@link #release released}. A commit
     * in between does not count it, so that no crash can leave a block that nobody has.
     *
     * @throws NoSpaceException if there is none; {@link #awaitSpace} may help
     */
    long allocate() {
        return exclusively(() -> {
            requireWritable();
            try {
                long block = allocateOrCommit();
                unmapped.add(block);
                return block;
            } catch (NoSpaceException e) {
                if (metadata.whole()) {
                    outOfDataSpace();
                }
                throw e;
            }
        });
    }

    /** Gives back a block of {@link #allocate} that could not be filled. */
    void release(long dataBlock) {
        exclusively(() -> {
            if (unmapped.remove(dataBlock) && canWrite()) {
                changing(() -> {
                    metadata.space().decDataBlocks(dataBlock, dataBlock + 1);
                    return null;
                });
            }
            return null;
        });
    }

    /**
     * Waits until there may be free data blocks again. Whoever waits must hold no lock that freeing some could need.
     *
     * @param full what to throw if the options do not allow to wait, or not any longer
     * @param since when the waiting began, by {@link System#nanoTime}
     */
    void awaitSpace(NoSpaceException full, long since) {
        exclusively(() -> {
            while (mode == PoolMode.OUT_OF_DATA_SPACE) {
                if (options.errorIfNoSpace() || noLongerWaiting || !await(since)) {
                    noLongerWaiting = true;
                    throw full;
                }
            }
            return null;
        });
    }

    private long allocateOrCommit() {
        if (metadata.space().freeDataBlocks() == 0 && metadata.changed()) {
            commitNow();
        }
        try {
            return allocated(changing(metadata::allocateDataBlock));
        } catch (NoSpaceException e) {
            if (!metadata.changed()) {
                throw e;
            }
            commitNow(); // what this transaction has freed can be had after it
            return allocated(changing(metadata::allocateDataBlock));
        }
    }

    private long allocated(long block) {
        if (!lowWaterSaid && metadata.space().freeDataBlocks() <= options.lowWaterBlocks()) {
            lowWaterSaid = true;
            events.lowOnData(metadata.space().freeDataBlocks());
        }
        return block;
    }

    private boolean await(long since) {
        try {
            if (options.noSpaceTimeout().isZero()) {
                spaceFreed.await();
                return true;
            }
            return spaceFreed.awaitNanos(since + options.noSpaceTimeout().toNanos() - System.nanoTime()) > 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Maps a virtual block to a data block of {@link #allocate}, whose content is what it should be. */
    void map(ThinDevice device, long virtualBlock, long dataBlock) {
        exclusively(() -> {
            requireWritable();
            unmapped.remove(dataBlock);
            changing(() -> metadata.insert(device, virtualBlock, dataBlock));
            log.map(device.id(), virtualBlock, dataBlock);
            mappings.changed(device.id(), virtualBlock, metadata.lookup(device, virtualBlock));
            commitIfMuch();
            return null;
        });
    }

    /**
     * Unmaps the first blocks that are mapped in {@code [begin, end)}, but not more than {@code most}.
     *
     * @return where to go on; {@code end} if nothing is left
     */
    long unmapSome(ThinDevice device, long begin, long end, long most) {
        return exclusively(() -> {
            requireWritable();
            MappedRange run = metadata.lookupRange(device, begin, end).orElse(null);
            if (run == null) {
                return end;
            }
            long from = run.virtualBegin();
            long length = Math.min(run.length(), most);
            changing(() -> metadata.removeRange(device, from, from + length));
            log.unmap(device.id(), from, from + length);
            for (long i = 0; i < length; i++) {
                mappings.changed(device.id(), from + i, BlockTime.UNMAPPED);
            }
            commitIfMuch();
            return from + length;
        });
    }

    private void commitIfMuch() {
        if (mappings.changes() >= MOST_CHANGES || log.isFull()) {
            commitNow();
        }
    }

    // ---- requests, commits ----

    /**
     * Makes requests that are to be committed at once, as the kernel does with messages: all of them, or none if one of
     * them is not possible.
     */
    void request(Consumer<ThinMetadata> requests) {
        exclusively(() -> {
            requireWritable();
            if (metadata.changed()) {
                commitNow();
            }
            changing(() -> {
                try {
                    requests.accept(metadata);
                } catch (ThinRequestException e) {
                    undo();
                    throw e;
                }
                return null;
            });
            commitNow();
            return null;
        });
    }

    /** Takes back requests, behind a commit: nothing else can be lost. */
    private void undo() {
        metadata.undo();
        unmapped.forEach(block -> metadata.space().incDataBlocks(block, block + 1));
        mappings.startFrom(metadata);
    }

    /** Looks at something while nobody changes it. */
    <T> T look(Supplier<T> work) {
        return exclusively(work);
    }

    ThinMetadata metadata() {
        return metadata;
    }

    /**
     * Returns when everything acknowledged before is durable, data and mappings. Those who ask while another flush is
     * under way share the next one.
     */
    void flush() {
        long ticket = flushesAsked.incrementAndGet();
        flushing.lock();
        try {
            if (flushesDone >= ticket) {
                return;
            }
            long covered = flushesAsked.get();
            exclusively(() -> {
                if (mode == PoolMode.FAIL) {
                    throw notWritable();
                }
                if (metadata.changed()) {
                    requireWritable();
                    commitNow();
                } else {
                    data.flush();
                }
                return null;
            });
            flushesDone = covered;
        } finally {
            flushing.unlock();
        }
    }

    /** Commits if there is anything to commit and nothing forbids it. */
    void commitIfChanged() {
        exclusively(() -> {
            if (metadata.changed() && canWrite()) {
                commitNow();
            }
            return null;
        });
    }

    private void commitNow() {
        changing(() -> {
            metadata.commit();
            return null;
        });
        if (metadata.space().freeMetadataBlocks() == 0) {
            degrade(PoolMode.OUT_OF_METADATA_SPACE);
        }
    }

    /** Runs inside of every commit, also of those that an allocation makes. */
    private void beforeCommit() {
        data.flush();
        unmapped.forEach(block -> metadata.space().decDataBlocks(block, block + 1));
    }

    private void committed() {
        try {
            freed.giveBack();
        } catch (DeviceException e) {
            events.storageKept(e);
        }
        unmapped.forEach(block -> metadata.space().incDataBlocks(block, block + 1));
        mappings.startFrom(metadata);
        log.begin(metadata.superblockChecksum());
        if (mode == PoolMode.OUT_OF_DATA_SPACE && metadata.space().freeDataBlocks() > 0) {
            mode = PoolMode.WRITE;
            noLongerWaiting = false;
            events.modeChanged(mode);
            spaceFreed.signalAll();
        }
    }

    // ---- growth ----

    /** There are more data blocks now. */
    void growData(long blocks) {
        request(metadata -> metadata.space().resizeData(blocks));
        exclusively(() -> lowWaterSaid = false);
    }

    /** The metadata device may have become larger; a pool that was out of metadata space can go on then. */
    void growMetadata() {
        exclusively(() -> {
            if (mode != PoolMode.OUT_OF_METADATA_SPACE && !canWrite()) {
                throw notWritable();
            }
            changing(() -> {
                metadata.space().growMetadata();
                return null;
            });
            commitNow();
            if (mode == PoolMode.OUT_OF_METADATA_SPACE && metadata.space().freeMetadataBlocks() > 0) {
                mode = PoolMode.WRITE;
                events.modeChanged(mode);
            }
            return null;
        });
    }

    // ---- failures ----

    private boolean canWrite() {
        return mode == PoolMode.WRITE || mode == PoolMode.OUT_OF_DATA_SPACE;
    }

    private void requireWritable() {
        if (!canWrite()) {
            throw notWritable();
        }
    }

    private ReadOnlyException notWritable() {
        return new ReadOnlyException("the pool cannot be changed: its mode is " + mode);
    }

    private void outOfDataSpace() {
        if (mode == PoolMode.WRITE) {
            degrade(PoolMode.OUT_OF_DATA_SPACE);
        }
    }

    private void degrade(PoolMode worse) {
        if (worse.compareTo(mode) > 0) {
            mode = worse;
            events.modeChanged(mode);
        }
    }

    /** Makes a change; what it throws ends the transaction, unless it says that nothing has happened. */
    private <T> T changing(Supplier<T> change) {
        try {
            return change.get();
        } catch (RuntimeException e) {
            if (!metadata.whole() || !metadata.writable()) {
                rollBack(e);
            }
            throw e;
        }
    }

    /** Source: section 9, "any metadata operation failed". */
    private void rollBack(RuntimeException cause) {
        try {
            metadata.abort();
            mappings.startFrom(metadata);
            freed.forget();
            unmapped.clear();
            if (metadata.writable()) {
                metadata.setNeedsCheck();
            }
            degrade(PoolMode.READ_ONLY);
        } catch (PersistentDataException e) {
            cause.addSuppressed(e);
            degrade(PoolMode.FAIL);
        }
        spaceFreed.signalAll();
    }

    private <T> T exclusively(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /** Commits what can be committed and closes metadata and log, not the data. */
    @Override
    public void close() {
        exclusively(() -> {
            try (log; metadata; mappings) {
                if (canWrite()) {
                    commitNow();
                }
            }
            return null;
        });
    }
}

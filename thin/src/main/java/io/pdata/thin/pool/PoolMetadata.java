package io.pdata.thin.pool;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.DeviceFullException;
import io.pdata.core.device.PersistentDataException;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.device.WouldWaitException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.store.MetadataRefusedException;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
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
 * <li>After a change that failed the last commit is what counts; the mode is read-only at best. Whose changes were taken
 * back is remembered: no flush of such a volume succeeds any more.
 * <li>After a flush of the data that failed nothing is committed any more.
 * </ul>
 *
 * <p>Thread-safe. All methods but {@link #lookup}, {@link #next} and {@link #mode} wait for each other. Source: format document "thin",
 * sections 5, 7.5, 7.6 and 9.
 */
final class PoolMetadata implements AutoCloseable {
    /** A commit is made when this many mappings have been changed, so that memory and the log stay small. */
    private static final int MOST_CHANGES = 32_768;
    /** What is behind so few mappings is left for the commit to flush. */
    private static final int FEW_MAPPINGS = 64;
    private static final int MOST_FLUSHES_AHEAD = 3;
    /** Free metadata blocks, without the reserve, with which a pool that was out of them is writable again. */
    private static final long ENOUGH_METADATA = 32;
    /** A step that frees space is not begun with fewer metadata blocks than this. */
    private static final long LEAST_ROOM = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final ThinMetadata metadata;
    private final DataFlushes data;
    private final PoolOptions options;
    private final PoolEvents events;
    private final ScheduledExecutorService clock;
    private final IntentLog log;
    private final Mappings mappings;
    private final DeferredDiscards discards;
    private final UntouchedSpace untouched;
    /** Blocks that have been allocated and are being filled. */
    private final Set<Long> unmapped = new HashSet<>();
    private final SpaceQueue queue;
    /** The volumes of which acknowledged changes have been taken back. */
    private final Set<Long> bereft = ConcurrentHashMap.newKeySet();
    private final KnownDamage damage;
    private final SharedRuns flushes = new SharedRuns();
    private volatile PoolMode mode = PoolMode.WRITE;
    private final Shortages shortages;
    private boolean closed;

    /** @param clock ends the waits for space */
    PoolMetadata(ThinMetadata metadata, Device data, Device log, UUID boot, PoolOptions options, PoolEvents events,
            ScheduledExecutorService clock) {
        this.metadata = metadata;
        this.clock = clock;
        this.data = new DataFlushes(data);
        this.options = options;
        this.events = events;
        this.log = new IntentLog(log, boot);
        this.damage = new KnownDamage(events);
        this.discards = new DeferredDiscards(data, blockBytes(), events, options.commitPeriod().isPositive());
        this.untouched = new UntouchedSpace(data, blockBytes());
        this.shortages = new Shortages(metadata.space(), blockBytes(), options.lowWaterBlocks(), events);
        this.queue = new SpaceQueue(lock.newCondition(), options);
        metadata.beforeCommit(this::beforeCommit);
        metadata.afterCommit(this::committed);
        if (options.passDown()) {
            metadata.space().onDataFreed(discards::freed);
        }
        this.mappings = new Mappings(metadata);
        if (metadata.writable()) {
            recover();
            assessMetadata();
        } else {
            mode = PoolMode.READ_ONLY;
            requireNothingToRecover();
        }
    }

    /** Who writes in place where a log says that there is another block by now would lose it to the next recovery. */
    private void requireNothingToRecover() {
        long waiting = log.replay(metadata.superblockChecksum(), IntentLog.Changes.NONE);
        if (waiting > 0) {
            mappings.close();
            throw new MetadataRefusedException(
                    "the pool cannot be opened for reading only: a process that was killed left "
                            + waiting + " changes, which have to be taken over by opening it for writing once");
        }
    }

    /** Takes over what a process that was killed had not committed yet. */
    private void recover() {
        long replayed = Replay.recover(metadata, log, damage, events);
        if (replayed > 0) {
            data.mapped(replayed); // what the other process wrote there may be in memory only
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
        try {
            return mappings.lookup(device.id(), virtualBlock);
        } catch (CorruptionException e) {
            throw damage.found(device.id(), e);
        }
    }

    /** The damage that has been found since the pool was opened. */
    KnownDamage damage() {
        return damage;
    }

    /** The mapped blocks of a volume from one on: see {@link Mappings#next}. Any thread, without waiting. */
    void next(ThinDevice device, long from, long end, MappedBlocks found) {
        try {
            mappings.next(device.id(), from, end, found);
        } catch (CorruptionException e) {
            throw damage.found(device.id(), e);
        }
    }

    // ---- changes of mappings ----

    /**
     * A free data block, which is to be filled and then either {@link #map mapped} or {@link #release released}. A commit
     * in between does not count it, so that no crash can leave a block that nobody has.
     *
     * @throws NoSpaceException if there is none; {@link #awaitSpace} may help
     */
    NewBlock allocate() {
        NewBlock allocated = exclusively(this::allocateExclusively);
        discards.awaitReusable(allocated.block());
        return allocated;
    }

    private NewBlock allocateExclusively() {
        requireWritable();
        shortages.allocating();
        try {
            long block = allocateOrCommit();
            unmapped.add(block);
            discards.reuse(block);
            if (metadata.space().freeMetadataBlocks() == 0) {
                commitNow(); // section 7.6, but without the block: nothing refers to it yet
            }
            return new NewBlock(block, untouched.handOut(block));
        } catch (NoSpaceException e) {
            if (mode == PoolMode.WRITE) {
                becomeFull();
            }
            throw e;
        }
    }

    /** Gives back a block of {@link #allocate} that could not be filled or mapped. */
    void release(long dataBlock) {
        doExclusively(() -> {
            if (metadata.writable() && unmapped.remove(dataBlock)) {
                untouched.freed();
                change(() -> metadata.space().decDataBlocks(dataBlock, dataBlock + 1));
            }
        });
    }

    private void becomeFull() {
        queue.full();
        degrade(PoolMode.OUT_OF_DATA_SPACE);
        long timeout = options.noSpaceTimeout().toMillis();
        if (timeout > 0 && !options.errorIfNoSpace()) {
            clock.schedule(() -> doExclusively(this::expireWaits), timeout + 1, TimeUnit.MILLISECONDS);
        }
    }

    private void expireWaits() {
        if (mode == PoolMode.OUT_OF_DATA_SPACE) {
            queue.expire();
        }
    }

    /**
     * Waits until there may be free data blocks again. Whoever waits must hold no lock that freeing some could need.
     *
     * @param wait whether to wait
     * @param full what to throw if the options do not allow to wait, or not any longer
     * @throws WouldWaitException instead of waiting
     */
    void awaitSpace(boolean wait, NoSpaceException full) {
        doExclusively(() -> {
            while (mode == PoolMode.OUT_OF_DATA_SPACE) {
                if (wait ? !queue.await() : !queue.isWaitingAllowed()) {
                    throw full;
                }
                if (!wait) {
                    throw new WouldWaitException(full.getMessage(), 0);
                }
            }
        });
    }

    /** Blocks have been unmapped: if writes wait for some, they can have them at once. */
    void releaseSpace() {
        if (mode == PoolMode.OUT_OF_DATA_SPACE) {
            commitIfChanged();
        }
    }

    /** Those who wait for space. */
    SpaceQueue queue() {
        return queue;
    }

    /** Fails all writes that wait for space; none waits from now on. */
    void endWaits() {
        lock.lock();
        try {
            queue.close();
        } finally {
            lock.unlock();
        }
    }

    private long allocateOrCommit() {
        if (metadata.space().freeDataBlocks() == 0 && metadata.changed()) {
            commitNow();
        }
        try {
            return changing(metadata.space()::allocateDataBlock);
        } catch (NoSpaceException e) {
            if (!canWrite() || !metadata.changed()) {
                throw e;
            }
            commitNow(); // what this transaction has freed can be had after it
            requireWritable();
            return changing(metadata.space()::allocateDataBlock);
        }
    }

    /** Maps a virtual block to a data block of {@link #allocate}, whose content is what it should be. */
    void map(ThinDevice device, long virtualBlock, long dataBlock) {
        doExclusively(() -> {
            requireWritable();
            changingMappings(device, () -> metadata.insert(device, virtualBlock, dataBlock));
            unmapped.remove(dataBlock);
            data.mapped(1);
            mappings.changed(device.id(), virtualBlock, metadata.lookup(device, virtualBlock));
            record(() -> log.map(device.id(), virtualBlock, dataBlock));
        });
    }

    /**
     * Unmaps what is mapped in {@code [begin, end)}, but only within {@code most} blocks from the first one on.
     *
     * @return where to go on; {@code end} if nothing is left
     */
    long unmapSome(ThinDevice device, long begin, long end, long most) {
        return exclusively(() -> {
            requireCommittable();
            if (metadata.space().freeMetadataBlocks() == 0) {
                commitNow(); // as an allocation does: the next step has the whole reserve
                requireCommittable();
            }
            OptionalLong first = changingMappings(device, () -> metadata.firstMappedBlock(device, begin, end));
            if (first.isEmpty()) {
                return end;
            }
            long from = first.getAsLong();
            long to = Math.min(end, from + Math.min(most, stepWithinReserve(most)));
            changingMappings(device, () -> metadata.removeRange(device, from, to));
            mappings.unmapped(device.id(), from, to);
            record(() -> log.unmap(device.id(), from, to));
            return to;
        });
    }

    /** Makes a change that has been made outlive this process: by the log, or, if that cannot be, by a commit. */
    private void record(Runnable inLog) {
        try {
            inLog.run();
        } catch (DeviceException e) {
            events.notLogged(e);
            commitNow();
        }
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
        request(this::requireWritable, requests);
    }

    /** As {@link #request}, for requests that free space: out of the reserve if the pool is out of metadata space. */
    void requestFreeing(Consumer<ThinMetadata> requests) {
        request(this::requireCommittable, requests);
    }

    private void request(Runnable requirement, Consumer<ThinMetadata> requests) {
        doExclusively(() -> {
            requirement.run();
            if (metadata.changed()) {
                commitNow();
                requirement.run();
            }
            change(() -> {
                data.flush(); // also what has been written in place: a snapshot has what its origin had
                orUndo(() -> {
                    requests.accept(metadata);
                    metadata.commit();
                });
            });
        });
        discards.settle();
    }

    /**
     * Makes requests right after a commit: if they are not possible, or the metadata have no room for them, they are taken
     * back, and nothing else is lost with them.
     */
    private void orUndo(Runnable requests) {
        try {
            requests.run();
        } catch (CorruptionException e) {
            if (!KnownDamage.isOfTrees(e) || data.failed()) {
                throw e;
            }
            undo();
            throw KnownDamage.refusal(e);
        } catch (RuntimeException e) {
            if (!data.failed() && (metadata.whole() || e instanceof NoSpaceException)) {
                undo();
            }
            throw e;
        }
    }

    private void undo() {
        discards.forget();
        metadata.undo();
        unmapped.forEach(block -> metadata.space().incDataBlocks(block, block + 1));
        mappings.startFrom(metadata);
    }

    /**
     * Changes mappings of a volume. A change that meets a damaged node is undone alone: the transaction is rolled back, and its
     * other changes are repeated from the log. Damage of one volume must not stop the others.
     */
    private <T> T changingMappings(ThinDevice device, Supplier<T> change) {
        return changing(() -> {
            try {
                return change.get();
            } catch (CorruptionException e) {
                if (!metadata.whole() && KnownDamage.isOfTrees(e) && metadata.writable() && !data.failed()) {
                    metadata.undo();
                    log.replayAgain(metadata.superblockChecksum(), new Replay(metadata));
                    unmapped.forEach(block -> metadata.space().incDataBlocks(block, block + 1));
                }
                throw damage.found(device.id(), e);
            }
        });
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
        flushes.run(() -> {
            if (mode == PoolMode.FAIL) {
                throw notWritable();
            }
            flushData();
            doExclusively(() -> {
                if (mappings.changes() > 0) {
                    requireCommittable();
                    commitNow();
                }
            });
        });
        discards.settle();
    }

    /** Makes all data that has been written durable, while others go on. What fails takes back what is not committed. */
    void flushData() {
        try {
            data.flush();
        } catch (DeviceException e) {
            doExclusively(() -> {
                if (canCommit()) {
                    rollBack(e);
                }
            });
            throw e;
        }
    }

    /** Leaves little for a commit to flush, during which nothing can be mapped. */
    private void flushAhead() {
        for (int i = 0; i < MOST_FLUSHES_AHEAD && data.uncovered() > FEW_MAPPINGS; i++) {
            flushData();
        }
    }

    /** Whether acknowledged changes of a volume have been taken back since the pool was opened. Any thread. */
    boolean hasLost(long volume) {
        return bereft.contains(volume);
    }

    /** Commits if there is anything to commit and nothing forbids it. */
    void commitIfChanged() {
        if (canCommit()) {
            flushAhead();
        }
        doExclusively(() -> {
            if (metadata.changed() && canCommit()) {
                commitNow();
            }
        });
        discards.settle();
    }

    /**
     * Gives all freed storage back to the data device, beside other requests.
     *
     * @return whether there was anything
     */
    boolean discardFreed() {
        return discards.run();
    }

    private void commitNow() {
        change(metadata::commit);
    }

    /** Runs inside of every commit, also of those that an allocation makes. */
    private void beforeCommit() {
        if (data.uncovered() > 0 || data.failed()) {
            data.flush();
        }
        unmapped.forEach(block -> metadata.space().decDataBlocks(block, block + 1));
    }

    private void committed() {
        untouched.freed();
        discards.committed();
        unmapped.forEach(block -> metadata.space().incDataBlocks(block, block + 1));
        mappings.startFrom(metadata);
        log.begin(metadata.superblockChecksum());
        if (mode == PoolMode.OUT_OF_DATA_SPACE && metadata.space().freeDataBlocks() > 0) {
            mode = PoolMode.WRITE;
            events.modeChanged(mode);
            queue.retry();
        }
        assessMetadata();
    }

    /** Out of metadata space, a pool is written to again when some are free. */
    private void assessMetadata() {
        shortages.committed();
        long free = metadata.space().freeMetadataBlocks();
        if (free == 0) {
            degrade(PoolMode.OUT_OF_METADATA_SPACE);
            queue.retry(); // waiting for data blocks is of no use
        } else if (mode == PoolMode.OUT_OF_METADATA_SPACE && free >= Math.min(metadata.space().metadataLowWater(),
                ENOUGH_METADATA)) {
            mode = PoolMode.WRITE;
            events.modeChanged(mode);
        }
    }

    // ---- growth ----

    /** There are more data blocks now. */
    void growData(long blocks) {
        request(metadata -> {
            long most = metadata.space().mostDataBlocks(metadata.space().metadataBlocks());
            if (blocks > most) {
                throw new ThinRequestException(Reason.INVALID, "the metadata have room to count " + most
                        + " data blocks, not " + blocks + ": they have to grow first");
            }
            metadata.space().resizeData(blocks);
        });
    }

    /** The metadata device may have become larger; a pool that was out of metadata space can go on then. */
    void growMetadata() {
        doExclusively(() -> {
            requireCommittable();
            if (metadata.changed()) {
                commitNow();
            }
            change(() -> orUndo(() -> {
                metadata.space().growMetadata();
                metadata.commit();
            }));
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

    /** Out of metadata space there is still the reserve, for changes that free space. */
    private boolean canCommit() {
        return mode.compareTo(PoolMode.OUT_OF_METADATA_SPACE) <= 0;
    }

    private void requireCommittable() {
        if (!canCommit()) {
            throw notWritable();
        }
    }

    private PersistentDataException notWritable() {
        return mode == PoolMode.OUT_OF_METADATA_SPACE
                ? new DeviceFullException(
                        "the pool is out of metadata space: delete volumes or snapshots, or give it more"
                                + " metadata",
                        null)
                : new ReadOnlyException("the pool cannot be changed: its mode is " + mode);
    }

    /** How many blocks can be unmapped in one step: each may change a bitmap of its own, in a new metadata block. */
    private long stepWithinReserve(long most) {
        long room = metadata.space().allFreeMetadataBlocks() / 2;
        if (room < LEAST_ROOM) {
            throw new DeviceFullException("the reserve of the pool's metadata is used up: give it more metadata", null);
        }
        return canWrite() ? most : room;
    }

    /** The present shortages. Any thread. */
    Set<PoolWarning> warnings() {
        return shortages.warnings();
    }

    /** Checks the room left in the file system of the data file. */
    void checkStorage(long left) {
        doExclusively(() -> shortages.storage(left));
    }

    private void degrade(PoolMode worse) {
        if (worse.compareTo(mode) > 0) {
            mode = worse;
            events.modeChanged(mode);
        }
    }

    private void change(Runnable change) {
        changing(() -> {
            change.run();
            return null;
        });
    }

    /** Makes a change; what it throws ends the transaction, unless it says that nothing has happened. */
    private <T> T changing(Supplier<T> change) {
        try {
            return change.get();
        } catch (RuntimeException | Error e) { // errors of the virtual machine leave a change half made, too
            if (!metadata.whole() || !metadata.writable() || data.failed()) {
                rollBack(e);
            }
            throw e;
        }
    }

    /** Source: section 9, "any metadata operation failed". */
    private void rollBack(Throwable cause) {
        bereft.addAll(mappings.changedDevices());
        try {
            metadata.abort();
            mappings.startFrom(metadata);
            discards.forget();
            unmapped.clear();
            boolean marked = metadata.writable();
            if (marked) {
                metadata.setNeedsCheck();
            }
            // What was taken back must not come again: it may be written over where it was before.
            boolean logEmpty = log.begin(metadata.superblockChecksum());
            degrade(marked || logEmpty ? PoolMode.READ_ONLY : PoolMode.FAIL);
        } catch (PersistentDataException e) {
            cause.addSuppressed(e);
            degrade(PoolMode.FAIL);
        }
        queue.retry(); // waiting is of no use
    }

    private void doExclusively(Runnable work) {
        exclusively(() -> {
            work.run();
            return null;
        });
    }

    private <T> T exclusively(Supplier<T> work) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the pool has been closed");
            }
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /** Commits what can be committed and closes metadata and log, not the data. */
    @Override
    public void close() {
        doExclusively(() -> {
            closed = true;
            queue.close();
            try (log; metadata; mappings; discards) {
                if (canCommit()) {
                    change(data::flush);
                    commitNow();
                }
            }
        });
    }
}

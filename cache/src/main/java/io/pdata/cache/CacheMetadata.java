package io.pdata.cache;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.store.Existing;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.store.OpenOptions;
import io.pdata.core.transaction.TransactionState;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/**
 * The metadata of a cache, versions 1 and 2: which block of a slow origin is in which block of a fast cache device.
 *
 * <p>The mappings are kept up to date by every {@link #commit}. All else - dirty bits, the policy's hints, discards,
 * statistics - is stored by {@link #cleanShutdown} only; while a cache is in use it is known in memory alone, and lost
 * in a crash (everything mapped then counts as dirty).
 *
 * <p>Invariants:
 * <ul>
 * <li>From opening for changes until a clean shutdown the superblock on disk does not say CLEAN_SHUTDOWN.
 * <li>What is stored about dirtiness is believed ({@link CacheReader#trusted}) only if the last user shut down in
 * order, and no mapping has been changed since.
 * <li>After a change that failed nothing can be committed before {@link #abort}.
 * </ul>
 *
 * <p>One writer thread at a time; {@link #openView} and {@link #committed} by any thread. Errors: those of
 * {@link MetadataStore}; {@link ReadOnlyException} for any change of what was opened for reading. Sizes are in sectors of 512 bytes, cache blocks are numbered from 0 and below 2^32.
 *
 * <p>Source: format document "cache", sections 1 to 4.
 */
public final class CacheMetadata implements AutoCloseable {
    /** Cache blocks are counted in 32 bits. */
    public static final long MAX_CACHE_BLOCKS = 0xffff_ffffL;

    private final MetadataStore store;
    private final Mappings mappings;
    private final Hints hints;
    private final Discards discards;

    private int flags;
    private boolean trusted;
    private CacheStats stats;
    private volatile CacheSuperblock committed;

    CacheMetadata(MetadataStore store) {
        this.store = store;
        mappings = new Mappings(store.transactions());
        hints = new Hints(store.transactions());
        discards = new Discards(store.transactions());
    }

    /**
     * Makes the metadata of a cache without blocks on a blank device, and commits them. The device belongs to the
     * metadata from now on, and is closed if this fails.
     *
     * @param version 1, or 2 for dirty bits in a bitset of their own
     * @param dataBlockSectors the size of a block in sectors of 512 bytes: a multiple of 64 from 64 to 2097152
     * @param cacheBytes how much memory metadata blocks may take
     * @throws io.pdata.core.store.MetadataRefusedException if the device holds something: see {@link MetadataStore#format}
     */
    public static CacheMetadata format(Device device, int version, int dataBlockSectors, long cacheBytes) {
        return CacheOpening.format(device, version, dataBlockSectors, cacheBytes, Existing.REFUSE);
    }

    /** The same on a device that may hold something, which is lost then if {@code existing} says so. */
    public static CacheMetadata format(Device device, int version, int dataBlockSectors, long cacheBytes,
            Existing existing) {
        return CacheOpening.format(device, version, dataBlockSectors, cacheBytes, existing);
    }

    /**
     * Opens what a device holds; if it is to be changed, CLEAN_SHUTDOWN is cleared on disk at once. The device belongs to
     * the metadata from now on, and is closed if this fails.
     *
     * @throws io.pdata.core.store.MetadataRefusedException if it is blank; for an unknown version or unknown features; if
     *         the block size is not the expected one; and, for writing, if it needs to be checked first. Nothing has been
     *         changed then
     * @throws io.pdata.core.block.CorruptionException if it is damaged, or not a cache's
     */
    public static CacheMetadata open(Device device, OpenOptions options) {
        return CacheOpening.open(device, options);
    }

    /** The state of the running transaction, for the writer's thread; valid until the next change. */
    public CacheReader reader() {
        return new CacheReader(store.transactions(), superblock(flags), trusted);
    }

    /** What the last commit wrote. Any thread. */
    public CacheSuperblock committed() {
        return committed;
    }

    /** A view of the last committed state, for readers. Any thread; O(1). */
    public CacheView openView() {
        return new CacheView(store.transactions().openView(() -> committed));
    }

    /** The blocks and the metadata space map below. */
    public MetadataStore store() {
        return store;
    }

    /** How many cache blocks there are. */
    public long cacheBlocks() {
        return mappings.size();
    }

    /** Whether the running transaction has changed anything. */
    public boolean changed() {
        return store.transactions().changed();
    }

    /**
     * Changes the number of cache blocks; new ones are unmapped. A block to be dropped must not be dirty. Not durable
     * before {@link #commit}.
     *
     * @throws IllegalStateException if a block to be dropped is dirty; nothing has been changed then
     */
    public void resize(long blocks) {
        requireWritable();
        if (blocks < 0 || blocks > MAX_CACHE_BLOCKS) {
            throw new IllegalArgumentException(blocks + " cache blocks");
        }
        if (blocks < mappings.size() && !reader().allClean(blocks, mappings.size())) {
            throw new IllegalStateException(
                    "cannot shrink to " + blocks + " cache blocks: a block beyond that is dirty"
                            + (trusted ? "" : " (all are, since the cache was not shut down in order)"));
        }
        try (TransactionState change = store.transactions().change()) {
            mappings.resize(blocks);
            change.complete();
        }
    }

    /** Records that a cache block holds an origin block (below 2^48); clean as far as is stored. */
    public void insertMapping(long cacheBlock, long origin) {
        requireWritable();
        Objects.checkIndex(cacheBlock, mappings.size());
        if (origin < 0 || origin >= CacheMapping.ORIGIN_LIMIT) {
            throw new IllegalArgumentException("origin block " + Long.toUnsignedString(origin) + " is not below 2^48");
        }
        try (TransactionState change = store.transactions().change()) {
            mappings.insert(cacheBlock, origin);
            trusted = false;
            change.complete();
        }
    }

    /**
     * Records that a cache block is free. Commit before the block is used for anything else: after a crash the old
     * mapping would be there again.
     */
    public void removeMapping(long cacheBlock) {
        requireWritable();
        Objects.checkIndex(cacheBlock, mappings.size());
        try (TransactionState change = store.transactions().change()) {
            mappings.remove(cacheBlock);
            trusted = false;
            change.complete();
        }
    }

    /** Commits the mappings; the cache stays in use. Two flushes. */
    public void commit() {
        requireWritable();
        commit(false, flags & ~CacheSuperblockLayout.CLEAN_SHUTDOWN);
    }

    /**
     * Stores all that is known in memory only, and commits it as a clean shutdown. All migrations must have ended. To
     * go on using the cache afterwards, {@link #resume} it.
     *
     * <p>If this fails, the running transaction has been rolled back: the last commit stands, not marked as clean, and
     * everything mapped counts as dirty at the next opening.
     */
    public void cleanShutdown(ShutdownState state) {
        requireWritable();
        try {
            try (TransactionState change = store.transactions().change()) {
                mappings.storeDirty(state.dirty());
                discards.store(state.discardBlockSectors(), state.discardBlocks(), state.discarded());
                stats = state.stats();
                hints.store(state.policy(), mappings.size(), state.hint());
                change.complete();
            }
            commit(false, flags | CacheSuperblockLayout.CLEAN_SHUTDOWN);
        } catch (RuntimeException e) {
            abortAfter(e);
            throw e;
        }
        trusted = true;
    }

    /** Takes a cache into use (again): clears CLEAN_SHUTDOWN on disk at once. Opening does this by itself. */
    public void resume() {
        requireWritable();
        amendFlags(flags & ~CacheSuperblockLayout.CLEAN_SHUTDOWN);
    }

    /** Rolls back to the last commit. */
    public void abort() {
        store.abort(committed.spaceMap(), () -> {
            trusted = false;
            reload(committed);
        });
    }

    /**
     * Marks the metadata as in need of a check, at once and durably, and refuses changes from now on. To be called after
     * {@link #abort}, when an operation has failed.
     *
     * @throws IllegalStateException if the running transaction has changed anything
     */
    public void setNeedsCheck() {
        amendFlags(flags | CacheSuperblockLayout.NEEDS_CHECK);
    }

    /** Says that the metadata have been checked, and repaired if need be. Nothing else is changed. */
    public static void clearNeedsCheck(Device device, long cacheBytes) {
        try (MetadataStore store = MetadataStore.open(device, cacheBytes, CacheSuperblockLayout.VALIDATOR,
                block -> CacheSuperblock.read(block).spaceMap())) {
            store.amendSuperblock(block -> block.set(Bytes.U32, CacheSuperblockLayout.FLAGS,
                    block.get(Bytes.U32, CacheSuperblockLayout.FLAGS) & ~CacheSuperblockLayout.NEEDS_CHECK));
        }
    }

    /**
     * Says of blocks of a cache that is not in use that the origin has what they hold. Nothing else is changed: a cache that
     * was not shut down in order stays one, and what is mapped there counts as dirty until it is. The device is closed.
     *
     * @param cacheBytes how much memory metadata blocks may take
     * @param writtenBack whether a cache block has been copied to the origin
     */
    public static void markClean(Device device, long cacheBytes, LongPredicate writtenBack) {
        MetadataStore opened = MetadataStore.open(device, cacheBytes, CacheSuperblockLayout.VALIDATOR,
                block -> CacheSuperblock.read(block).spaceMap());
        try (CacheMetadata metadata = opened.orClose(() -> new CacheMetadata(opened))) {
            metadata.load();
            CacheReader before = metadata.reader();
            try (TransactionState change = opened.transactions().change()) {
                metadata.mappings.storeDirty(block -> !writtenBack.test(block) && before.storedDirty(block));
                change.complete();
            }
            metadata.commit(false, metadata.flags);
        }
    }

    /** Closes the device. What has not been committed is lost, and the cache not shut down in order. */
    @Override
    public void close() {
        store.close();
    }

    /** Second half of formatting: everything but the metadata space map. */
    void create(CacheSuperblock blank) {
        mappings.format(blank.version());
        discards.format();
        hints.format();
        stats = blank.stats();
        trusted = true;
        committed = blank;
        commit(true, 0);
    }

    /** Becomes what the superblock describes. */
    void load() {
        CacheSuperblock state = store.readSuperblock(CacheSuperblock::read);
        trusted = state.cleanShutdown();
        reload(state);
    }

    private void reload(CacheSuperblock state) {
        mappings.load(state);
        hints.load(state);
        discards.load(state);
        stats = state.stats();
        flags = state.flags();
        committed = state;
    }

    private void commit(boolean first, int newFlags) {
        try (TransactionState change = store.transactions().change()) {
            mappings.flush();
            discards.flush();
            change.complete();
        }
        Consumer<MemorySegment> writer = block -> superblock(newFlags).write(block);
        Runnable publish = () -> committed = superblock(newFlags);
        if (first) {
            store.commitNew(writer, publish);
        } else {
            store.commit(writer, publish);
        }
        flags = newFlags;
    }

    /** The state of the running transaction, as the superblock would record it. */
    private CacheSuperblock superblock(int newFlags) {
        return new CacheSuperblock(committed.version(), newFlags, committed.compatFlags(),
                committed.compatReadOnlyFlags(),
                committed.incompatFlags(), hints.policy(), store.spaceMap().root(), mappings.root(),
                mappings.dirtyRoot(), hints.root(), discards.root(), discards.blockSectors(), discards.size(),
                committed.dataBlockSectors(), mappings.size(), stats);
    }

    private void amendFlags(int newFlags) {
        if (changed()) {
            throw new IllegalStateException("there are changes: commit them, or roll back, first");
        }
        if (newFlags != flags) {
            store.amendSuperblock(block -> block.set(Bytes.U32, CacheSuperblockLayout.FLAGS, newFlags));
            flags = newFlags;
            committed = store.readSuperblock(CacheSuperblock::read);
        }
    }

    private void abortAfter(RuntimeException cause) {
        try {
            abort();
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    private void requireWritable() {
        store.blocks().checkWritable();
        if (committed.needsCheck()) {
            throw new ReadOnlyException(store.blocks().device().name()
                    + " cannot be changed: its metadata needs to be checked first");
        }
    }
}

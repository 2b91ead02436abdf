package io.pdata.thin;

import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.Device;
import io.pdata.core.store.Existing;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.store.OpenOptions;
import io.pdata.core.transaction.TransactionState;
import io.pdata.thin.ThinRequestException.Reason;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The metadata of a thin pool: its devices, where their blocks are, and which data blocks are in use.
 *
 * <p>Every change belongs to the running transaction, which {@link #commit} makes durable as a whole and {@link #abort}
 * undoes as a whole; after a crash the metadata is as of the last commit. A {@link ThinRequestException} means that
 * nothing has happened. After any other exception out of a change the transaction is half done: everything but
 * {@link #abort}, {@link #close} and views is refused until it has been rolled back.
 *
 * <p>Used by one thread at a time, except that any thread may open a {@link ThinView} of the last commit at any time.
 * Virtual blocks are unsigned 64-bit numbers, data blocks 40-bit ones, both in units of the data block size.
 *
 * <p>Source: format document "thin", sections 1 to 5; the bytes on disk are those the kernel writes for the same
 * operations.
 */
public final class ThinMetadata implements AutoCloseable {
    /** The largest device id. */
    public static final long MAX_DEVICE_ID = (1 << 24) - 1;

    private final MetadataStore store;
    private final PoolTransaction transaction;
    private final ThinSpace space;
    private final MappingTree mappings;
    private final DeviceTable devices;

    private int time;
    private long transactionId;
    private long heldRoot;
    private Runnable beforeCommit = () -> {};
    private Runnable afterCommit = () -> {};

    ThinMetadata(MetadataStore store, boolean writable) {
        this.store = store;
        this.transaction = new PoolTransaction(store, writable);
        this.space = new ThinSpace(store, transaction);
        this.mappings = new MappingTree(store.transactions(), space.data());
        this.devices = new DeviceTable(store.transactions());
    }

    /**
     * Makes an empty pool, without data blocks, on a blank device, and commits it. The device belongs to the metadata
     * from now on, and is closed if this fails.
     *
     * @param dataBlockSectors the size of a data block in sectors of 512 bytes: a multiple of 128 from 128 to 2097152
     * @throws io.pdata.core.store.MetadataRefusedException if the device holds something: see {@link MetadataStore#format}
     */
    public static ThinMetadata format(Device device, int dataBlockSectors, long cacheBytes) {
        return ThinOpening.format(device, dataBlockSectors, cacheBytes, Existing.REFUSE);
    }

    /** The same on a device that may hold something, which is lost then if {@code existing} says so. */
    public static ThinMetadata format(Device device, int dataBlockSectors, long cacheBytes, Existing existing) {
        return ThinOpening.format(device, dataBlockSectors, cacheBytes, existing);
    }

    /**
     * Opens what a device holds. The device belongs to the metadata from now on, and is closed if this fails.
     *
     * @throws io.pdata.core.store.MetadataRefusedException if it is blank; if the data block size is not the expected
     *         one; if it uses features that are not known; and, for writing, if it needs to be checked first
     * @throws io.pdata.core.block.CorruptionException if it is damaged, or not a thin pool's
     */
    public static ThinMetadata open(Device device, OpenOptions options) {
        return ThinOpening.open(device, options);
    }

    /** Second half of formatting: everything but the metadata space map. */
    void create(ThinSuperblock blank) {
        space.data().create();
        mappings.create();
        devices.create();
        space.data().commit();
        transaction.startFrom(blank);
        store.commitNew(block -> superblock().write(block), () -> transaction.startFrom(superblock()));
        space.loaded(0);
    }

    /** Becomes what a superblock describes. */
    void load(ThinSuperblock superblock) {
        load(superblock, true);
    }

    private void load(ThinSuperblock superblock, boolean lost) {
        long dataBlocks = superblock.dataSpaceMap().blocks();
        if (Long.compareUnsigned(dataBlocks, BlockTime.MAX_BLOCKS) > 0) {
            throw new CorruptionException(MetadataStore.SUPERBLOCK, ThinSuperblockLayout.VALIDATOR.type(),
                    "claims " + Long.toUnsignedString(dataBlocks) + " data blocks; at most " + BlockTime.MAX_BLOCKS
                            + " can be told apart");
        }
        space.data().reload(superblock.dataSpaceMap());
        space.loaded(superblock.dataSpaceMap().blocks());
        mappings.moveTo(superblock.mappingRoot());
        devices.rollBack(superblock.detailsRoot(), lost);
        time = superblock.time();
        transactionId = superblock.transactionId();
        heldRoot = superblock.heldRoot();
        transaction.startFrom(superblock);
    }

    /** The superblock that a commit would write now. */
    private ThinSuperblock superblock() {
        return transaction.committed().next(time, transactionId, heldRoot, space.data().root(), store.spaceMap().root(),
                mappings.root(), devices.root());
    }

    // ---- devices ----

    /**
     * Makes an empty thin device. O(log devices).
     *
     * @throws ThinRequestException DEVICE_EXISTS; INVALID for an id above {@link #MAX_DEVICE_ID}
     */
    public void createThin(long id) {
        transaction.checkWritable();
        checkNew(id);
        try (TransactionState change = transaction.change()) {
            mappings.addDevice(id);
            devices.add(id, new DeviceDetails(0, transactionId, time, time));
            change.complete();
        }
    }

    /**
     * Makes a device that has the content of {@code origin} as it is now; each may then change without the other. Costs
     * O(log devices), however large the origin is. Writes to the origin's data must be held back meanwhile.
     *
     * @throws ThinRequestException DEVICE_EXISTS; UNKNOWN_DEVICE: there is no such origin; INVALID for an id above
     *         {@link #MAX_DEVICE_ID}, or when the pool's clock has come to its end (16 777 215 snapshots)
     */
    public void createSnapshot(long id, long origin) {
        transaction.checkWritable();
        checkNew(id);
        checkKnown(origin);
        if (time >= BlockTime.MAX_TIME) {
            throw new ThinRequestException(Reason.INVALID,
                    "the pool's clock has come to its end: no more snapshots can be taken");
        }
        try (TransactionState change = transaction.change()) {
            mappings.addClone(id, origin);
            time++;
            ThinDevice snapshot = devices.add(id, new DeviceDetails(0, transactionId, time, time));
            ThinDevice source = devices.load(origin);
            source.snapshotted(time);
            snapshot.countMapped(source.mappedBlocks());
            change.complete();
        }
    }

    /**
     * Deletes a device, and gives free the data blocks that only it has. O(blocks that only it has).
     *
     * @throws ThinRequestException UNKNOWN_DEVICE; BUSY if the device is open
     */
    public void delete(long id) {
        transaction.checkWritable();
        checkKnown(id);
        if (devices.isOpen(id)) {
            throw new ThinRequestException(Reason.BUSY, "device " + id + " is open");
        }
        try (TransactionState change = transaction.change()) {
            devices.remove(id);
            mappings.removeDevice(id);
            change.complete();
        }
    }

    /**
     * Opens a device; opening it again gives the same object.
     *
     * @throws ThinRequestException UNKNOWN_DEVICE
     */
    public ThinDevice openDevice(long id) {
        transaction.checkWhole();
        ThinDevice device = devices.load(id);
        device.opened();
        return device;
    }

    /**
     * Takes back one {@link #openDevice}; always possible. Changes of the device stay in the running transaction.
     *
     * @throws IllegalStateException if the device has been closed as often as it was opened
     */
    public void closeDevice(ThinDevice device) {
        device.checkBelongsTo(devices);
        device.closed();
    }

    /** The details of a device, with the changes of the running transaction. */
    public Optional<DeviceDetails> details(long id) {
        transaction.checkWhole();
        return Optional.ofNullable(devices.find(id));
    }

    // ---- mappings ----

    /**
     * The mapping of a virtual block: see {@link BlockTime}, and {@link ThinDevice#mayShare} for whether it may be
     * shared. {@link BlockTime#UNMAPPED} if there is none. O(log blocks), allocates nothing.
     */
    public long lookup(ThinDevice device, long virtualBlock) {
        checkOpen(device);
        return mappings.lookup(device.id(), virtualBlock);
    }

    /**
     * The first run of mapped blocks in {@code [begin, end)}: as many as follow each other in the device and among the
     * data blocks, and are alike in whether they may be shared. O(length of the run).
     */
    public Optional<MappedRange> lookupRange(ThinDevice device, long begin, long end) {
        OptionalLong found = firstMappedBlock(device, begin, end);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        long first = found.getAsLong();
        long mapping = mappings.lookup(device.id(), first);
        boolean shared = device.mayShare(BlockTime.time(mapping));
        long length = 1;
        while (first + length != end) {
            long next = mappings.lookup(device.id(), first + length);
            if (next == BlockTime.UNMAPPED || BlockTime.block(next) != BlockTime.block(mapping) + length
                    || device.mayShare(BlockTime.time(next)) != shared) {
                break;
            }
            length++;
        }
        return Optional.of(new MappedRange(first, BlockTime.block(mapping), length, shared));
    }

    /** The first virtual block in {@code [begin, end)} that is mapped. O(log blocks). */
    public OptionalLong firstMappedBlock(ThinDevice device, long begin, long end) {
        checkOpen(device);
        OptionalLong found = mappings.nextMapped(device.id(), begin);
        return found.isPresent() && Long.compareUnsigned(found.getAsLong(), end) < 0 ? found : OptionalLong.empty();
    }

    /** The last virtual block that is mapped. O(log blocks). */
    public OptionalLong highestMappedBlock(ThinDevice device) {
        checkOpen(device);
        return mappings.highestMapped(device.id());
    }

    /**
     * Maps a virtual block to a data block, whose one reference goes over to the mapping. What the virtual block was
     * mapped to before loses one. O(log blocks).
     *
     * @param dataBlock from {@link #allocateDataBlock}
     * @return whether the virtual block was not mapped before
     */
    public boolean insert(ThinDevice device, long virtualBlock, long dataBlock) {
        transaction.checkWritable();
        checkOpen(device);
        if (dataBlock < 0 || dataBlock >= space.dataBlocks()) {
            throw new IllegalArgumentException("data block " + dataBlock + " of " + space.dataBlocks());
        }
        try (TransactionState change = transaction.change()) {
            boolean isNew = mappings.insert(device.id(), virtualBlock, BlockTime.pack(dataBlock, time));
            device.countMapped(isNew ? 1 : 0);
            change.complete();
            return isNew;
        }
    }

    /**
     * Unmaps all virtual blocks in {@code [begin, end)}. O(mappings removed x log blocks).
     *
     * @return how many were mapped
     */
    public long removeRange(ThinDevice device, long begin, long end) {
        transaction.checkWritable();
        checkOpen(device);
        try (TransactionState change = transaction.change()) {
            long removed = mappings.removeRange(device.id(), begin, end);
            device.countMapped(-removed);
            change.complete();
            return removed;
        }
    }

    /**
     * Allocates a data block, to be mapped by {@link #insert}. If that uses up the metadata blocks that may be used,
     * the transaction is committed (format document, section 7.6), which makes blocks freed in it usable.
     *
     * @throws io.pdata.core.space.NoSpaceException if there is none. If the data space map says so the transaction is
     * as
     *         good as before; a commit may help if {@link ThinSpace#freeDataBlocks} is not 0
     */
    public long allocateDataBlock() {
        long block = space.allocateDataBlock();
        if (space.freeMetadataBlocks() == 0) {
            commit();
        }
        return block;
    }

    // ---- metadata snapshot, transaction id ----

    /**
     * Commits, and then keeps the state just committed for others to read until it is released. Takes effect on disk
     * with the commit that follows. O(1); but from now on every first change of a block copies it.
     *
     * @throws ThinRequestException BUSY if one is held already
     */
    public void reserveMetadataSnapshot() {
        transaction.checkWritable();
        if (heldRoot != 0) {
            throw new ThinRequestException(Reason.BUSY, "a metadata snapshot is held already, at block " + heldRoot);
        }
        commit();
        try (TransactionState change = transaction.change()) {
            heldRoot = MetadataSnapshot.reserve(store.transactions());
            change.complete();
        }
    }

    /**
     * Gives up the held metadata snapshot. O(what has changed since it was reserved).
     *
     * @throws ThinRequestException INVALID if none is held
     */
    public void releaseMetadataSnapshot() {
        transaction.checkWritable();
        if (heldRoot == 0) {
            throw new ThinRequestException(Reason.INVALID, "no metadata snapshot is held");
        }
        try (TransactionState change = transaction.change()) {
            MetadataSnapshot.release(store.transactions(), heldRoot, mappings, devices);
            heldRoot = 0;
            change.complete();
        }
    }

    /** The block of the held metadata snapshot; 0 if none is held. */
    public long heldRoot() {
        return heldRoot;
    }

    /** The number that the pool's user gave to the state of the pool. */
    public long transactionId() {
        return transactionId;
    }

    /** @throws ThinRequestException INVALID if the present id is not {@code current} */
    public void setTransactionId(long current, long next) {
        transaction.checkWritable();
        if (current != transactionId) {
            throw new ThinRequestException(Reason.INVALID,
                    "the transaction id is " + Long.toUnsignedString(transactionId) + ", not "
                            + Long.toUnsignedString(current));
        }
        try (TransactionState change = transaction.change()) {
            transactionId = next;
            change.complete();
        }
    }

    /** Sizes, free counts and growth; references to data blocks. */
    public ThinSpace space() {
        return space;
    }

    /** The size of a data block, in sectors of 512 bytes. */
    public int dataBlockSectors() {
        return transaction.committed().dataBlockSectors();
    }

    // ---- transactions ----

    /** Has {@code step} run before each commit: the data that the mappings point at must become durable first. */
    public void beforeCommit(Runnable step) {
        beforeCommit = step;
    }

    /** Has {@code step} run after each commit, those that an allocation makes included. */
    public void afterCommit(Runnable step) {
        afterCommit = step;
    }

    /** Whether there is anything to commit. */
    public boolean changed() {
        return transaction.changed();
    }

    /** Makes the running transaction durable: two flushes; nothing at all if nothing has been changed. */
    public void commit() {
        transaction.checkWhole();
        if (!transaction.changed()) {
            return;
        }
        transaction.checkWritable();
        beforeCommit.run();
        try (TransactionState change = transaction.change()) {
            devices.writeChanged();
            space.data().commit();
            change.complete();
        }
        store.commit(block -> superblock().write(block), () -> transaction.startFrom(superblock()));
        devices.settled();
        afterCommit.run();
    }

    /** Goes back to the last commit. Open devices stay open, and know whether they lost changes. */
    public void abort() {
        rollBack(true);
    }

    /** As {@link #abort}, when nobody has been told yet of anything that it takes back: no device has lost anything. */
    public void undo() {
        rollBack(false);
    }

    private void rollBack(boolean lost) {
        store.abort(transaction.committed().metadataSpaceMap(), () -> load(transaction.committed(), lost));
    }

    /** Whether the metadata may not be changed until a tool has checked it. */
    public boolean needsCheck() {
        return transaction.committed().needsCheck();
    }

    /**
     * Notes durably that the metadata must be checked by a tool, and refuses changes from now on.
     *
     * @throws IllegalStateException if the running transaction has changes: they have to be rolled back first
     */
    public void setNeedsCheck() {
        transaction.checkWritable();
        if (changed()) {
            throw new IllegalStateException("the running transaction has to be rolled back first");
        }
        ThinSuperblock flagged = store.readSuperblock(ThinSuperblock::read).withNeedsCheck();
        store.amendSuperblock(flagged::write);
        transaction.startFrom(flagged);
    }

    /** Whether no change has failed half way since the last commit or roll-back. */
    public boolean whole() {
        return transaction.whole();
    }

    /** Tells the committed superblock from all others: its checksum. */
    public int superblockChecksum() {
        return store.readSuperblock(block -> block.get(Bytes.U32, ThinSuperblockLayout.CHECKSUM));
    }

    /** Whether the metadata can be changed at all. */
    public boolean writable() {
        return transaction.writable();
    }

    /** Opens a view of the last commit. Any thread; O(1); never waits for I/O. */
    public ThinView openView() {
        return ThinView.of(store.transactions().openView(transaction::committed));
    }

    /**
     * Opens a view of the metadata snapshot that was held at the last commit. Any thread; one block read.
     *
     * @throws ThinRequestException INVALID if none was held
     */
    public ThinView openMetadataSnapshotView() {
        return ThinView.ofMetadataSnapshot(store.transactions().openView(transaction::committed));
    }

    /** Closes the device. What has not been committed is lost. Views must have been closed. */
    @Override
    public void close() {
        store.close();
    }

    // ---- checks ----

    private void checkOpen(ThinDevice device) {
        transaction.checkWhole();
        device.checkBelongsTo(devices);
        if (!device.isOpen()) {
            throw new IllegalStateException(device + " is not open");
        }
    }

    private void checkNew(long id) {
        if (id < 0 || id > MAX_DEVICE_ID) {
            throw new ThinRequestException(Reason.INVALID,
                    "device ids go from 0 to " + MAX_DEVICE_ID + ", not " + Long.toUnsignedString(id));
        }
        if (devices.find(id) != null) {
            throw new ThinRequestException(Reason.DEVICE_EXISTS, "there is a device " + id + " already");
        }
    }

    private void checkKnown(long id) {
        if (devices.find(id) == null) {
            throw new ThinRequestException(Reason.UNKNOWN_DEVICE, "there is no device " + Long.toUnsignedString(id));
        }
    }
}

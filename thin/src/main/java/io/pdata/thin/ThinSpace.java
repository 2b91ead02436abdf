package io.pdata.thin;

import io.pdata.core.space.NoSpaceException;
import io.pdata.core.spacemap.DiskSpaceMap;
import io.pdata.core.spacemap.MetadataSpaceMap;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.transaction.TransactionState;
import io.pdata.thin.ThinRequestException.Reason;
import java.util.function.LongConsumer;

/**
 * The blocks of a pool: how many data and metadata blocks there are, how many are free, and the references to data
 * blocks. Part of a {@link ThinMetadata}: changes belong to its transaction, and the same thread uses both.
 */
public final class ThinSpace {
    private static final long MAX_RESERVE = 4096;
    private static final int RESERVED_PART = 10;
    private static final int LOW_WATER_PART = 10;
    /** Metadata blocks that a change of the data space map's size shadows, whatever the size. */
    private static final long RESIZE_OVERHEAD = 32;

    private final MetadataStore store;
    private final PoolTransaction transaction;
    private final DiskSpaceMap data;
    private long dataBlocks;
    private long metadataReserve;

    ThinSpace(MetadataStore store, PoolTransaction transaction) {
        this.store = store;
        this.transaction = transaction;
        this.data = new DiskSpaceMap(store.transactions());
    }

    DiskSpaceMap data() {
        return data;
    }

    /** Both space maps have been loaded. */
    void loaded(long committedDataBlocks) {
        dataBlocks = committedDataBlocks;
        updateReserve();
    }

    private void updateReserve() {
        metadataReserve = Math.min(MAX_RESERVE, store.spaceMap().blocks() / RESERVED_PART);
    }

    /** Data blocks, those added in the running transaction included. */
    public long dataBlocks() {
        return dataBlocks;
    }

    /** Free data blocks; those freed in the running transaction count, but can be allocated after its commit only. */
    public long freeDataBlocks() {
        return data.free();
    }

    public long metadataBlocks() {
        return store.spaceMap().blocks();
    }

    /** Free metadata blocks, without those kept in reserve (a tenth, at most 4096) so that a pool can always commit. */
    public long freeMetadataBlocks() {
        return Math.max(0, store.spaceMap().free() - metadataReserve);
    }

    /** Free metadata blocks, those in reserve included. */
    public long allFreeMetadataBlocks() {
        return store.spaceMap().free();
    }

    /** The number of {@link #freeMetadataBlocks} at which {@link #onMetadataLow} is called: a tenth of the usable ones. */
    public long metadataLowWater() {
        return (metadataBlocks() - metadataReserve) / LOW_WATER_PART;
    }

    /** Has {@code callback} called, by the thread that allocates, when the metadata runs low. It must change nothing. */
    public void onMetadataLow(Runnable callback) {
        store.spaceMap().onLowSpace(metadataReserve + metadataLowWater(), callback);
    }

    /** How many data blocks the metadata have room to count, not using the reserve, if it has that many blocks. */
    public long mostDataBlocks(long metadataSize) {
        long reserve = Math.min(MAX_RESERVE, metadataSize / RESERVED_PART);
        long added = metadataSize - metadataBlocks();
        long free = store.spaceMap().free() - reserve + added - (added > 0 ? RESIZE_OVERHEAD + added / 1024 : 0);
        return Math.min(BlockTime.MAX_BLOCKS, DiskSpaceMap.mostBlocks(dataBlocks, free - RESIZE_OVERHEAD));
    }

    /**
     * Adds data blocks, which may be allocated after the next commit.
     *
     * @throws ThinRequestException INVALID if that is fewer than there are, or more than 2^40
     * @throws NoSpaceException if the metadata have no room to count them, which {@link #mostDataBlocks} says before
     */
    public void resizeData(long newBlocks) {
        transaction.checkWritable();
        if (newBlocks < dataBlocks || newBlocks > BlockTime.MAX_BLOCKS) {
            throw new ThinRequestException(Reason.INVALID,
                    "the pool has " + dataBlocks + " data blocks and cannot get " + newBlocks);
        }
        if (newBlocks > dataBlocks) {
            try (TransactionState change = transaction.change()) {
                data.extend(newBlocks - dataBlocks);
                dataBlocks = newBlocks;
                change.complete();
            }
        }
    }

    /**
     * Makes use of the metadata device's growth. The device must be that large already; what is beyond
     * {@link MetadataSpaceMap#MAX_BLOCKS} stays unused.
     *
     * @throws ThinRequestException INVALID if that is fewer blocks than there are, or more than the device has
     */
    public void resizeMetadata(long newBlocks) {
        transaction.checkWritable();
        store.blocks().resize();
        long present = metadataBlocks();
        long usable = Math.min(newBlocks, MetadataSpaceMap.MAX_BLOCKS);
        if (usable < present || usable > store.blocks().blocks()) {
            throw new ThinRequestException(Reason.INVALID, "the pool uses " + present + " metadata blocks of "
                    + store.blocks().blocks() + " and cannot use " + newBlocks);
        }
        if (usable > present) {
            try (TransactionState change = transaction.change()) {
                store.spaceMap().extend(usable - present);
                updateReserve();
                change.complete();
            }
        }
    }

    /** Makes use of all of the metadata device, if it has grown. */
    public void growMetadata() {
        transaction.checkWritable();
        store.blocks().resize();
        resizeMetadata(Math.max(metadataBlocks(), store.blocks().blocks()));
    }

    /** Adds a reference to each data block in {@code [begin, end)}, so that nobody gets it while it is worked on. */
    public void incDataBlocks(long begin, long end) {
        transaction.checkWritable();
        checkDataRange(begin, end);
        try (TransactionState change = transaction.change()) {
            data.inc(begin, end);
            change.complete();
        }
    }

    /** Takes a reference from each data block in {@code [begin, end)}. */
    public void decDataBlocks(long begin, long end) {
        transaction.checkWritable();
        checkDataRange(begin, end);
        try (TransactionState change = transaction.change()) {
            data.dec(begin, end);
            change.complete();
        }
    }

    /**
     * Has every commit tell, before it is durable, of the data blocks that nobody refers to any more, in ascending order.
     * See {@link DiskSpaceMap#onFreed} for what that costs.
     */
    public void onDataFreed(LongConsumer consumer) {
        data.onFreed(consumer);
    }

    /** Whether a data block has two references or more; exact, unlike {@link ThinDevice#mayShare}. */
    public boolean isDataBlockShared(long block) {
        transaction.checkWhole();
        checkDataRange(block, block + 1);
        return data.count(block) > 1;
    }

    /**
     * Allocates a data block, and never commits. Whoever does not use {@link ThinMetadata#allocateDataBlock} has to commit
     * when {@link #freeMetadataBlocks} is 0.
     *
     * @throws NoSpaceException as there
     */
    public long allocateDataBlock() {
        transaction.checkWritable();
        return data.newBlock();
    }

    private void checkDataRange(long begin, long end) {
        if (begin < 0 || begin > end || end > dataBlocks) {
            throw new IllegalArgumentException("data blocks " + begin + " to " + end + " of " + dataBlocks);
        }
    }
}

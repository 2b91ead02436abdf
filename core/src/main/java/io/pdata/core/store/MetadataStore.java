package io.pdata.core.store;

import io.pdata.core.block.Block;
import io.pdata.core.block.BlockManager;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.space.ReuseGuard;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.spacemap.MetadataSpaceMap;
import io.pdata.core.transaction.OpenView;
import io.pdata.core.transaction.TransactionManager;
import io.pdata.core.transaction.TransactionState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A metadata device: its blocks, its transactions and its metadata space map, which belong together.
 *
 * <p>What the superblock looks like is its owner's affair; that it is block 0, and changed last, is settled here. One
 * writer; views of committed states by any thread.
 */
public final class MetadataStore implements AutoCloseable {
    public static final long SUPERBLOCK = 0;
    /** Enough for the working set of most metadata. */
    public static final long DEFAULT_CACHE_BYTES = 64L << 20;

    private final BlockManager blocks;
    private final TransactionManager transactions;
    private final BlockValidator superblock;

    private MetadataStore(Device device, long cacheBytes, BlockValidator superblock) {
        this(new BlockManager(device, cacheBytes), superblock);
    }

    private MetadataStore(BlockManager blocks, BlockValidator superblock) {
        this.blocks = blocks;
        this.superblock = superblock;
        ReuseGuard guard = new ReuseGuard();
        this.transactions = new TransactionManager(blocks, guard, tm -> new MetadataSpaceMap(tm, guard));
    }

    /** Whether a device has no superblock: its first block is all zeroes, and it may be formatted. One read. */
    public static boolean isBlank(Device device) {
        try (Arena arena = Arena.ofShared()) { // shared: a device may read by threads of its own
            MemorySegment block = arena.allocate(BlockManager.BLOCK_SIZE);
            device.read(SUPERBLOCK * BlockManager.BLOCK_SIZE, block);
            return block.mismatch(arena.allocate(BlockManager.BLOCK_SIZE)) < 0;
        }
    }

    /**
     * Makes sure that there is something to open on a device; closes it otherwise.
     *
     * @throws MetadataRefusedException if it is {@link #isBlank blank}
     */
    public static void requireFormatted(Device device) {
        boolean formatted = false;
        try {
            formatted = !isBlank(device);
        } finally {
            if (!formatted) {
                device.close();
            }
        }
        if (!formatted) {
            throw new MetadataRefusedException(
                    device.name() + " cannot be opened: it is blank, and has to be formatted first");
        }
    }

    /**
     * As {@link #format(Device, long, BlockValidator, Existing)}, for a device that holds nothing.
     *
     * @throws MetadataRefusedException if it does
     */
    public static MetadataStore format(Device device, long cacheBytes, BlockValidator superblock) {
        return format(device, cacheBytes, superblock, Existing.REFUSE);
    }

    /**
     * Builds an empty metadata space map on a device. Nothing is durable before the first {@link #commit}, which has to
     * write a superblock. The store owns the device from now on, and closes it if this fails.
     *
     * <p>A device holds something if its first 4096 bytes are not all zeroes, or if a known file system, RAID member or the
     * like begins further on.
     *
     * @param superblock the validator of block 0
     * @param existing whether existing contents are refused or overwritten
     * @throws MetadataRefusedException if it holds something, and that is not to be overwritten; if it has no block
     */
    public static MetadataStore format(Device device, long cacheBytes, BlockValidator superblock, Existing existing) {
        boolean ready = false;
        try {
            prepare(device, existing);
            ready = true;
        } finally {
            if (!ready) {
                device.close();
            }
        }
        MetadataStore store = new MetadataStore(device, cacheBytes, superblock);
        return store.orClose(() -> {
            store.spaceMap().format(Math.min(store.blocks.blocks(), MetadataSpaceMap.MAX_BLOCKS));
            return store;
        });
    }

    private static void prepare(Device device, Existing existing) {
        if (device.size() < BlockManager.BLOCK_SIZE) {
            throw new MetadataRefusedException(device.name() + " cannot be formatted: it has " + device.size()
                    + " bytes, not even one block of " + BlockManager.BLOCK_SIZE);
        }
        Optional<String> contents = DeviceContents.describe(device);
        if (contents.isEmpty()) {
            return;
        }
        if (existing == Existing.REFUSE) {
            throw new MetadataRefusedException(device.name() + " cannot be formatted: it is not blank, but holds "
                    + contents.get() + ". To lose that, format with Existing.OVERWRITE, or wipe the device first");
        }
        try (Arena arena = Arena.ofShared()) { // a crash while formatting must not leave an old superblock
            device.write(0, arena.allocate(Math.min(DeviceContents.PROBED, device.size() & -BlockManager.BLOCK_SIZE)));
            device.flush();
        }
    }

    /**
     * Opens what a device holds. The store owns the device from now on, and closes it if this fails.
     *
     * @param rootOf verifies the superblock and returns the metadata space map's root
     */
    public static MetadataStore open(Device device, long cacheBytes, BlockValidator superblock,
            Function<MemorySegment, SpaceMapRoot> rootOf) {
        MetadataStore store = new MetadataStore(device, cacheBytes, superblock);
        return store.orClose(() -> {
            store.load(rootOf);
            return store;
        });
    }

    /**
     * Transactions on blocks that somebody has open already, and goes on owning: the store is not to be closed.
     *
     * @param rootOf verifies the superblock and returns the metadata space map's root
     */
    public static MetadataStore over(BlockManager blocks, BlockValidator superblock,
            Function<MemorySegment, SpaceMapRoot> rootOf) {
        MetadataStore store = new MetadataStore(blocks, superblock);
        store.load(rootOf);
        return store;
    }

    private void load(Function<MemorySegment, SpaceMapRoot> rootOf) {
        spaceMap().reload(readSuperblock(rootOf));
        transactions.opened();
    }

    /**
     * Takes a step of opening.
     *
     * @return what it returns; if it throws, the store is closed
     */
    public <T> T orClose(Supplier<T> step) {
        try {
            return step.get();
        } catch (RuntimeException | Error e) {
            try {
                close();
            } catch (DeviceException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    public BlockManager blocks() {
        return blocks;
    }

    public TransactionManager transactions() {
        return transactions;
    }

    public MetadataSpaceMap spaceMap() {
        return (MetadataSpaceMap) transactions.spaceMap();
    }

    /** Reads the superblock as it is now. */
    public <T> T readSuperblock(Function<MemorySegment, T> reader) {
        try (Block block = blocks.readLock(SUPERBLOCK, superblock)) {
            return reader.apply(block.data());
        }
    }

    /**
     * Commits: all blocks durable, then the superblock. Two flushes. If it fails, the transaction has to be rolled back.
     *
     * @param writer stores the new roots in the superblock, and changes nothing else; gets its present content
     * @param publish see {@link TransactionManager#commit}
     * @throws IllegalStateException if a change failed and the transaction has not been rolled back since, or if this is
     *         called in the middle of a change
     */
    public void commit(Consumer<MemorySegment> writer, Runnable publish) {
        commit(true, false, writer, publish);
    }

    /** As {@link #commit}, but the superblock is begun anew, from zeroes: for formatting. */
    public void commitNew(Consumer<MemorySegment> writer, Runnable publish) {
        commit(true, true, writer, publish);
    }

    /** As {@link #commitNew}, but the metadata space map stays as {@link MetadataSpaceMap#format} has left it. */
    public void commitFormatted(Consumer<MemorySegment> writer, Runnable publish) {
        commit(false, true, writer, publish);
    }

    private void commit(boolean mapToo, boolean zeroed, Consumer<MemorySegment> writer, Runnable publish) {
        // handed over once, not for each flush
        blocks.device().perform(() -> commitHere(mapToo, zeroed, writer, publish));
    }

    private void commitHere(boolean mapToo, boolean zeroed, Consumer<MemorySegment> writer, Runnable publish) {
        transactions.preCommit(mapToo);
        transactions.commit(changedSuperblock(zeroed, writer), publish);
    }

    /** The superblock, changed and still locked. If the writer fails, a roll-back discards the changed copy. */
    private Block changedSuperblock(boolean zeroed, Consumer<MemorySegment> writer) {
        try (TransactionState change = transactions.change()) {
            Block block = zeroed
                    ? blocks.writeLockZero(SUPERBLOCK, superblock)
                    : blocks.writeLock(SUPERBLOCK, superblock);
            try {
                writer.accept(block.data());
            } catch (RuntimeException | Error e) {
                block.close();
                throw e;
            }
            change.complete();
            return block;
        }
    }

    /**
     * Changes the superblock alone, at once and durably, outside any transaction.
     *
     * @throws IllegalStateException if the running transaction has changed anything
     */
    public void amendSuperblock(Consumer<MemorySegment> writer) {
        transactions.checkUnchanged();
        transactions.amend(() -> changedSuperblock(false, writer).close());
    }

    /**
     * Goes back to the last commit, which the owner knows, and whose roots it then takes as its own again. The superblock
     * is not read: after a commit that failed there is no knowing what of it has been written.
     *
     * @param committed the metadata space map's root as of that commit
     * @throws IllegalArgumentException if it is not; nothing has been changed then
     */
    public void abort(SpaceMapRoot committed) {
        transactions.abort(committed);
    }

    /**
     * As {@link #abort(SpaceMapRoot)}.
     *
     * @param reload takes the owner's roots from that commit again; if it fails, the roll-back has to be repeated
     */
    public void abort(SpaceMapRoot committed, Runnable reload) {
        transactions.abort(committed, reload);
    }

    /** The views that are open now, and where they were opened. Any thread. */
    public List<OpenView> openViews() {
        return transactions.openViews();
    }

    /**
     * Closes the device; what has not been committed is lost. Views that are still open are a mistake: each is logged, as a
     * warning of logger {@code io.pdata.core.store.MetadataStore}, with the place where it was opened.
     */
    @Override
    public void close() {
        for (OpenView view : transactions.openViews()) {
            System.getLogger(MetadataStore.class.getName()).log(System.Logger.Level.WARNING,
                    () -> blocks.device().name() + " is closed with a view still open: " + view);
        }
        transactions.end();
        blocks.close();
    }
}

package io.pdata.core.spacemap;

import io.pdata.core.space.NoSpaceException;
import io.pdata.core.space.ReuseGuard;
import io.pdata.core.space.SpaceMap;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.transaction.TransactionManager;
import io.pdata.core.transaction.TransactionState;

/**
 * The space map of the metadata device. It counts, among all others, the blocks that it is itself made of.
 *
 * <p>So a change of a count may need blocks, the allocation of which changes counts. Invariant: what such a recursion
 * asks for is queued and applied, oldest first, when the change that caused it is complete; between two calls from
 * outside the queue is empty (unless an allocation ran out of space). All
 * questions are answered as if the queue had been applied.
 *
 * <p>While the map is being built or extended there is nothing yet to allocate from; blocks are then taken one after
 * another from the new area, and counted when the bitmaps for them exist.
 *
 * <p>Used by the one writer of a store; not thread-safe. Source: format document "persistent-data", section 5; the order
 * of operations decides the bytes on disk. Beyond the kernel's rules, a block is not handed out while the
 * {@link ReuseGuard} holds it for a reader, nor twice when the last free block is needed by the map itself.
 */
public final class MetadataSpaceMap implements SpaceMap {
    /** The most blocks that can be counted: what the bitmaps of one index block cover. */
    public static final long MAX_BLOCKS = (long) IndexBlock.ENTRIES * BitmapBlock.ENTRIES;

    static final String NAME = "metadata space map";

    private static final long NONE = -1;

    private final TransactionManager transactions;
    private final ReuseGuard guard;
    private final LowLevelMap map;
    private final PendingOperations pending = new PendingOperations();
    private final LowSpaceAlarm alarm = new LowSpaceAlarm();

    /** The block after the one allocated last. */
    private long begin;
    private long allocatedInTransaction;
    private boolean changing;
    /** Handed out by the outermost call, but not yet in its bitmap. */
    private long unrecorded = NONE;
    /** Blocks come from the new area, which ends here; 0 when the map is complete. */
    private long bootstrapEnd;

    /** A map that is neither formatted nor opened yet: {@link #format} or {@link #reload} comes first. */
    public MetadataSpaceMap(TransactionManager transactions, ReuseGuard guard) {
        this.transactions = transactions;
        this.guard = guard;
        this.map = new LowLevelMap(NAME, transactions, new MetadataIndex(transactions));
    }

    /**
     * Builds a new map, in the blocks from 1 on; block 0 is the superblock's. Ends as if committed, though nothing is
     * durable yet. Source: section 5.7.
     *
     * @param blocks how many blocks to count; 1 to {@link #MAX_BLOCKS}
     * @throws NoSpaceException if they are too few for the map itself
     */
    public void format(long blocks) {
        if (blocks < 1 || blocks > MAX_BLOCKS) {
            throw new IllegalArgumentException("a metadata space map of " + blocks + " blocks");
        }
        try (TransactionState change = transactions.change()) {
            reset();
            begin = 1;
            bootstrapEnd = blocks;
            try {
                map.create();
                map.extend(blocks);
            } finally {
                bootstrapEnd = 0;
            }
            pending.add(true, 0, begin);
            commit();
            change.complete();
        }
    }

    /**
     * Asks to be called when, after an allocation, no more than {@code threshold} blocks are {@link #free}: once, until
     * an allocation has found more. Replaces what was asked for before. The callback runs in the writer's thread when
     * the map is at rest. Source: section 5.9.
     */
    public void onLowSpace(long threshold, Runnable callback) {
        alarm.set(threshold, callback);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public long blocks() {
        return map.blocks();
    }

    @Override
    public long free() {
        if (bootstrapEnd != 0) {
            return bootstrapEnd - begin;
        }
        SpaceMapRoot old = map.committed();
        // A block that is allocated, freed and allocated again in one transaction is counted twice.
        return Math.max(0, old.blocks() - old.allocated() - allocatedInTransaction);
    }

    @Override
    public long count(long block) {
        if (bootstrapEnd != 0) {
            return block < begin ? 1 : 0;
        }
        return map.count(block) + pending.adjustment(block);
    }

    @Override
    public int countUpToTwo(long block) {
        if (bootstrapEnd != 0) {
            return block < begin ? 1 : 0;
        }
        int entry = map.entry(block);
        if (pending.isEmpty() || entry == BitmapBlock.OVERFLOW) {
            return Math.min(2, entry);
        }
        return Math.clamp(entry + pending.adjustment(block), 0, 2);
    }

    @Override
    public void inc(long from, long end) {
        change(true, from, end);
    }

    @Override
    public void dec(long from, long end) {
        change(false, from, end);
    }

    private void change(boolean increment, long from, long end) {
        if (bootstrapEnd == 0) {
            map.checkRange(from, end);
        }
        try (TransactionState change = transactions.change()) {
            if (changing || bootstrapEnd != 0) {
                pending.add(increment, from, end);
                change.complete();
                return;
            }
            changing = true;
            try {
                drain();
                apply(increment, from, end);
                drain();
            } finally {
                changing = false;
            }
            change.complete();
        }
        alarm.ring();
    }

    @Override
    public long newBlock() {
        if (bootstrapEnd != 0) {
            return nextOfNewArea();
        }
        boolean nested = changing;
        long block;
        try (TransactionState change = transactions.change()) {
            try {
                block = nested ? takeForMap() : allocate();
                change.complete();
            } catch (NoSpaceException e) {
                change.complete(); // nothing has been allocated, unless a step has failed half-way and said so
                throw e;
            }
        }
        if (!nested) {
            alarm.ring();
        }
        return block;
    }

    private long takeForMap() {
        long block = take();
        pending.add(true, block, block + 1);
        return block;
    }

    private long allocate() {
        changing = true;
        try {
            drain();
            long block = takeAndRecord();
            drainOrGiveBack(block);
            return block;
        } finally {
            changing = false;
        }
    }

    private long nextOfNewArea() {
        if (begin >= bootstrapEnd) {
            throw noSpace();
        }
        return begin++;
    }

    private long takeAndRecord() {
        long beginBefore = begin;
        long block = take();
        unrecorded = block;
        try {
            map.inc(block, block + 1);
        } catch (NoSpaceException e) {
            if (pending.isEmpty()) {
                begin = beginBefore;
                allocatedInTransaction--;
            }
            throw e;
        } finally {
            unrecorded = NONE;
        }
        return block;
    }

    /** If there is no space for the consequences of an allocation, it has not happened. They stay in the queue. */
    private void drainOrGiveBack(long block) {
        try {
            drain();
        } catch (NoSpaceException e) {
            if (!transactions.failed()) {
                map.dec(block, block + 1);
                allocatedInTransaction--;
            }
            throw e;
        }
    }

    private long take() {
        long block = find(begin);
        if (block < 0) {
            block = find(0);
        }
        if (block < 0) {
            throw noSpace();
        }
        begin = block + 1;
        allocatedInTransaction++;
        alarm.allocated(free());
        return block;
    }

    private long find(long from) {
        long block = map.findFree(from);
        while (block >= 0 && (guard.holds(block) || isOnItsWay(block))) {
            block = map.findFree(guard.nextNotHeld(block + 1));
        }
        return block;
    }

    /** Whether the block has been handed out already, but its bitmap does not say so yet. */
    private boolean isOnItsWay(long block) {
        return block == unrecorded || !pending.isEmpty() && pending.adjustment(block) > 0;
    }

    /** Applies what came up during a change, and before one what an operation that failed has left behind. */
    private void drain() {
        while (!pending.isEmpty()) {
            apply(pending.oldestIsIncrement(), pending.oldestBegin(), pending.oldestEnd());
            pending.dropOldest();
        }
    }

    private void settle() {
        changing = true;
        try {
            drain();
        } finally {
            changing = false;
        }
    }

    private void apply(boolean increment, long from, long end) {
        if (increment) {
            map.inc(from, end);
        } else {
            map.dec(from, end);
        }
    }

    /**
     * Adds blocks at the end. The device must have them already, and know it. What the map needs for itself is taken
     * from the new area. Source: section 5.8.
     *
     * @throws NoSpaceException if the new area is too small for what counting it takes
     */
    @Override
    public void extend(long extra) {
        long most = Math.min(MAX_BLOCKS, transactions.blocks()) - blocks();
        if (extra < 0 || extra > most) {
            throw new IllegalArgumentException(NAME + ": cannot grow by " + extra + ", but by up to " + most);
        }
        long from = blocks();
        try (TransactionState change = transactions.change()) {
            begin = from;
            bootstrapEnd = from + extra;
            try {
                map.extend(extra);
                do {
                    pending.add(true, from, begin);
                    from = begin;
                    drain();
                    map.write();
                } while (from != begin);
            } finally {
                bootstrapEnd = 0;
            }
            change.complete();
        }
    }

    @Override
    public void commit() {
        try (TransactionState change = transactions.change()) {
            settle();
            map.write();
            map.reportChanges(guard::freed, guard::allocated);
            map.markCommitted();
            allocatedInTransaction = 0;
            change.complete();
        }
    }

    @Override
    public SpaceMapRoot root() {
        return map.committed();
    }

    @Override
    public void reload(SpaceMapRoot committed) {
        reset();
        map.open(committed, Math.min(MAX_BLOCKS, transactions.blocks()));
    }

    private void reset() {
        pending.clear();
        alarm.forget();
        begin = 0;
        allocatedInTransaction = 0;
        changing = false;
        unrecorded = NONE;
        bootstrapEnd = 0;
    }

    private NoSpaceException noSpace() {
        return new NoSpaceException(NAME, free(), blocks());
    }
}

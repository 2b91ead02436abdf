package io.pdata.core.transaction;

import io.pdata.core.block.Block;
import io.pdata.core.block.BlockManager;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.space.ReuseGuard;
import io.pdata.core.space.SpaceMap;
import io.pdata.core.space.SpaceMapRoot;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Makes sure that no block of the last committed transaction is changed in place, and that reference counts stay right.
 *
 * <p>Invariants:
 * <ul>
 * <li>Only blocks in the shadow table - allocated in this transaction - are ever locked for writing, but for the
 * superblock.
 * <li>Within one transaction a block is copied at most once: shadowing it again returns it.
 * <li>A commit is: {@link #preCommit} (everything but the superblock is durable), one change of the superblock,
 * {@link #commit} (the superblock is durable). Two flushes, never more.
 * <li>After a change that failed half-way nothing is committed before a roll-back: see {@link TransactionState}.
 * </ul>
 *
 * <p>Used by one thread at a time; a second one that changes something while a change is under way is refused. Only
 * {@link #openView} may be called by any thread at any time. The counts that a caller must keep right itself: storing a
 * pointer hands the reference over, cloning a tree is one {@link #inc} of its root.
 *
 * <p>Mistakes that cannot be noticed here: a block number from elsewhere that happens to be a block of the expected type;
 * a reference that is handed over twice or never. {@code thin_check} and its like find them afterwards.
 *
 * <p>Source: format document "persistent-data", section 3. The order "allocate, decrement, copy" in {@link #shadow}
 * decides the order of the space map's operations and with it the bytes on disk.
 */
public final class TransactionManager implements BlockReader {
    private final BlockManager blocks;
    private final SpaceMap spaceMap;
    private final ReuseGuard guard;
    private final ShadowTable shadows = new ShadowTable();
    private final TransactionState state = new TransactionState();
    private final ViewRegistry views = new ViewRegistry();
    private final CursorRegistry cursors = new CursorRegistry();
    private TransactionMark mark = new TransactionMark(this);
    /** {@link TransactionState#modifications} as of {@link #preCommit}. */
    private long modificationsAtPreCommit;
    /** Where the metadata space map was at the last commit; null before the first. */
    private SpaceMapRoot lastCommit;

    /**
     * @param blocks the blocks of the metadata device
     * @param guard what the space map asks before it hands out a block
     * @param spaceMap makes the reference counts of the metadata blocks; the map lives in blocks that it counts itself,
     *        so it needs the transaction manager that is being made (and must not use it before this returns)
     */
    public TransactionManager(BlockManager blocks, ReuseGuard guard, Function<TransactionManager, SpaceMap> spaceMap) {
        this.blocks = blocks;
        this.guard = guard;
        this.spaceMap = spaceMap.apply(this);
    }

    @Override
    public long blocks() {
        return blocks.blocks();
    }

    @Override
    public Block cached(long block) {
        return blocks.cached(block);
    }

    @Override
    public Block readLock(long block, BlockValidator validator) {
        return blocks.readLock(block, validator);
    }

    @Override
    public void prefetch(long block) {
        blocks.prefetch(block);
    }

    @Override
    public void checkRoot(long root) {
        if (spaceMap.countUpToTwo(root) == 0) {
            throw free(root, "root");
        }
    }

    private static CorruptionException free(long block, String type) {
        return new CorruptionException(block, type,
                "is in use, but the space map has it as free: a stale root or pointer, or damage");
    }

    @Override
    public void opened(OpenCursor cursor) {
        cursors.add(cursor);
    }

    @Override
    public void closed(OpenCursor cursor) {
        cursors.remove(cursor);
    }

    /**
     * Opens a scope for a change that consists of several steps; see {@link TransactionState}. All methods here that change
     * something open one of their own.
     *
     * @throws IllegalStateException if an earlier change failed, or if another thread is in the middle of a change
     */
    public TransactionState change() {
        return state.enter();
    }

    /** Whether a change has failed since the last commit or roll-back, so that only a roll-back is possible. */
    public boolean failed() {
        return state.failed();
    }

    /** Whether anything has been changed, or tried to, since the last commit or roll-back. */
    public boolean changed() {
        return state.changed();
    }

    /** @throws IllegalStateException if a change failed, and the transaction has not been rolled back since */
    public void checkUsable() {
        state.checkUsable();
    }

    TransactionState state() {
        return state;
    }

    /** Identifies the running transaction. */
    public TransactionMark mark() {
        return mark;
    }

    /**
     * Makes sure that something which was noted in a transaction belongs here, and has not been rolled back since.
     *
     * @param noted null if that is not known
     * @throws IllegalStateException otherwise
     */
    public void checkMark(TransactionMark noted, Object thing) {
        if (noted != null) {
            noted.check(this, thing);
        }
    }

    /**
     * Allocates a block, cleared and locked for writing; whoever is to point at it owns its one reference.
     *
     * @throws io.pdata.core.space.NoSpaceException if there is none; nothing has changed then
     */
    public Block newBlock(BlockValidator validator) {
        try (TransactionState change = state.enter()) {
            long number = allocate(change);
            Block block = blocks.writeLockZero(number, validator);
            shadows.add(number);
            change.complete();
            return block;
        }
    }

    private long allocate(TransactionState change) {
        state.modified();
        try {
            return spaceMap.newBlock();
        } catch (NoSpaceException e) {
            change.complete(); // by its contract the map has changed nothing
            throw e;
        }
    }

    /**
     * Makes a block changeable: returns it locked for writing if it was allocated in this transaction and nobody else
     * refers to it, and otherwise a copy of it, which the caller must put in the place of {@code original}.
     *
     * <p>Costs nothing but the lock the first time excepted, which copies 4096 bytes and updates two counts.
     *
     * @param children called for a copy whose original is still referred to from elsewhere
     * @throws CorruptionException if the block is free: a root or a pointer that is stale, or damage
     */
    public Block shadow(long original, BlockValidator validator, ChildReferences children) {
        cursors.refuseChange(original, original + 1);
        try (TransactionState change = state.enter()) {
            Block block = shadow(original, validator, children, change);
            change.complete();
            return block;
        }
    }

    private Block shadow(long original, BlockValidator validator, ChildReferences children, TransactionState change) {
        state.modified();
        int references = spaceMap.countUpToTwo(original);
        if (references == 1 && shadows.contains(original)) {
            return blocks.writeLock(original, validator);
        }
        if (references == 0) {
            throw free(original, validator.type());
        }
        Block copy = copy(original, validator, change);
        if (references > 1) {
            try {
                children.increment(copy);
            } catch (RuntimeException | Error e) {
                copy.close();
                throw e;
            }
        }
        return copy;
    }

    private Block copy(long original, BlockValidator validator, TransactionState change) {
        long number = allocate(change);
        spaceMap.dec(original);
        if (number == original) {
            throw new CorruptionException(original, validator.type(), "is in use, but the space map has it as free");
        }
        try (Block from = blocks.readLock(original, validator)) {
            Block to = blocks.writeLockZero(number, validator);
            MemorySegment.copy(from.data(), 0, to.data(), 0, Bytes.BLOCK_SIZE);
            shadows.add(number);
            return to;
        }
    }

    /** Adds a reference to a block. */
    public void inc(long block) {
        inc(block, block + 1);
    }

    /** Adds a reference to each block in {@code [begin, end)}. */
    public void inc(long begin, long end) {
        try (TransactionState change = state.enter()) {
            state.modified();
            spaceMap.inc(begin, end);
            change.complete();
        }
    }

    /** Drops a reference to a block. */
    public void dec(long block) {
        dec(block, block + 1);
    }

    /** Drops a reference to each block in {@code [begin, end)}. */
    public void dec(long begin, long end) {
        cursors.refuseChange(begin, end);
        try (TransactionState change = state.enter()) {
            state.modified();
            spaceMap.dec(begin, end);
            change.complete();
        }
    }

    /** The exact number of references to a block. */
    public long count(long block) {
        return spaceMap.count(block);
    }

    /** Whether a block has two references or more. */
    public boolean isShared(long block) {
        return spaceMap.isShared(block);
    }

    /** The metadata space map. */
    public SpaceMap spaceMap() {
        return spaceMap;
    }

    /**
     * First half of a commit: the space map is committed, and everything but the superblock becomes durable.
     *
     * @throws IllegalStateException if a change failed, and the transaction has not been rolled back since
     */
    public void preCommit() {
        preCommit(true);
    }

    /**
     * The same for a space map that has just been formatted and is unchanged.
     *
     * @param mapToo whether the space map is committed
     */
    public void preCommit(boolean mapToo) {
        state.checkBetweenChanges("a commit");
        try (TransactionState change = state.enter()) {
            if (mapToo) {
                spaceMap.commit();
            }
            blocks.flush();
            modificationsAtPreCommit = state.modifications();
            change.complete();
        }
    }

    /**
     * Second half: releases the superblock, which the caller has locked for writing and changed, and makes it durable.
     * Nothing else may have been changed since {@link #preCommit}.
     *
     * @param publish records the new roots for readers; runs once the commit is durable, never while a view is opened
     * @throws IllegalStateException if something has been changed since {@link #preCommit}
     */
    public void commit(Block superblock, Runnable publish) {
        boolean released = false;
        try (TransactionState change = state.enter()) {
            if (state.modifications() != modificationsAtPreCommit) {
                throw new IllegalStateException("something was changed between the two halves of a commit");
            }
            cursors.expireAll("the transaction that this cursor reads has been committed");
            shadows.clear();
            released = true;
            superblock.close();
            blocks.flush();
            lastCommit = spaceMap.root();
            guard.committed(publish, blocks::forget);
            mark = new TransactionMark(this);
            state.reset();
            change.complete();
        } finally {
            if (!released) {
                superblock.close();
            }
        }
    }

    /** @throws IllegalStateException if the running transaction has changed anything */
    public void checkUnchanged() {
        state.checkBetweenChanges("a change of the superblock");
        if (state.changed()) {
            throw new IllegalStateException("the running transaction has changes: commit it, or roll it back, first");
        }
    }

    /** Changes the superblock alone, and makes that durable. If it fails, the transaction has to be rolled back. */
    public void amend(Runnable change) {
        try (TransactionState scope = state.enter()) {
            change.run();
            try {
                blocks.flush();
            } catch (DeviceException e) {
                state.reset(); // there are no more writes, and nothing else to roll back
                scope.complete();
                throw e;
            }
            state.reset();
            scope.complete();
        }
    }

    /** Where the last commit left the metadata space map; null if nothing has been committed. */
    public SpaceMapRoot lastCommit() {
        return lastCommit;
    }

    /** Notes which state the owner has opened: a roll-back goes there until something has been committed. */
    public void opened() {
        lastCommit = spaceMap.root();
    }

    /**
     * Throws the running transaction away: blocks and metadata space map are those of the last commit again. The owner
     * must take its own roots, and any other space map, from the committed superblock too.
     *
     * @param committed the metadata space map's root in that superblock
     * @throws IllegalArgumentException if that is not where the last commit left it; nothing has been changed then
     * @throws IllegalStateException if nothing has been committed yet, or another thread is in the middle of a change
     */
    public void abort(SpaceMapRoot committed) {
        abort(committed, () -> {});
    }

    /**
     * As {@link #abort(SpaceMapRoot)}.
     *
     * @param reload takes the owner's roots from the committed superblock again; if it fails, the roll-back has to be
     *        repeated
     */
    public void abort(SpaceMapRoot committed, Runnable reload) {
        checkLastCommit(committed);
        state.beginRollBack();
        cursors.expireAll("the transaction that this cursor reads has been rolled back");
        mark.rollBack();
        shadows.clear();
        blocks.releaseLostLocks();
        blocks.discardDirty();
        guard.rolledBack();
        spaceMap.reload(committed);
        reload.run();
        mark = new TransactionMark(this);
        state.reset();
    }

    private void checkLastCommit(SpaceMapRoot committed) {
        if (lastCommit == null) {
            throw new IllegalStateException("nothing has been committed yet that could be gone back to");
        }
        if (committed.blocks() != lastCommit.blocks() || committed.bitmapRoot() != lastCommit.bitmapRoot()
                || committed.overflowRoot() != lastCommit.overflowRoot()) {
            throw new IllegalArgumentException("cannot roll back to " + committed
                    + ", as the last commit left the space map at " + lastCommit);
        }
    }

    /** The store has been closed: every further change is refused. */
    public void end() {
        state.end();
    }

    /**
     * Opens a view of the last committed state. Any thread; O(1); never waits for I/O.
     *
     * @param roots gives the committed roots; runs while no commit is being published
     */
    public <R> ReadView<R> openView(Supplier<R> roots) {
        return new ReadView<>(blocks, guard, guard.enter(roots), views);
    }

    /** The views that are open now, and where they were opened. Any thread. */
    public List<OpenView> openViews() {
        return views.list();
    }
}

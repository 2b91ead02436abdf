package io.pdata.core.transaction;

import io.pdata.core.block.Block;
import io.pdata.core.block.BlockManager;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.space.ReuseGuard;
import io.pdata.core.space.SpaceMap;
import io.pdata.core.space.SpaceMapRoot;
import java.lang.foreign.MemorySegment;
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
 * </ul>
 *
 * <p>Used by one writer; only {@link #openView} may be called by any thread. The counts that a caller must keep right
 * itself: storing a pointer hands the reference over, cloning a tree is one {@link #inc} of its root.
 *
 * <p>Source: format document "persistent-data", section 3. The order "allocate, decrement, copy" in {@link #shadow}
 * decides the order of the space map's operations and with it the bytes on disk.
 */
public final class TransactionManager implements BlockReader {
    private final BlockManager blocks;
    private final SpaceMap spaceMap;
    private final ReuseGuard guard;
    private final ShadowTable shadows = new ShadowTable();

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

    /**
     * Allocates a block, cleared and locked for writing; whoever is to point at it owns its one reference.
     *
     * @throws io.pdata.core.space.NoSpaceException if there is none
     */
    public Block newBlock(BlockValidator validator) {
        long number = spaceMap.newBlock();
        Block block = blocks.writeLockZero(number, validator);
        shadows.add(number);
        return block;
    }

    /**
     * Makes a block changeable: returns it locked for writing if it was allocated in this transaction and nobody else
     * refers to it, and otherwise a copy of it, which the caller must put in the place of {@code original}.
     *
     * <p>Costs nothing but the lock the first time excepted, which copies 4096 bytes and updates two counts.
     *
     * @param children called for a copy whose original is still referred to from elsewhere
     */
    public Block shadow(long original, BlockValidator validator, ChildReferences children) {
        boolean shared = spaceMap.isShared(original);
        if (!shared && shadows.contains(original)) {
            return blocks.writeLock(original, validator);
        }
        Block copy = copy(original, validator);
        if (shared) {
            try {
                children.increment(copy);
            } catch (RuntimeException e) {
                copy.close();
                throw e;
            }
        }
        return copy;
    }

    private Block copy(long original, BlockValidator validator) {
        long number = spaceMap.newBlock();
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
        spaceMap.inc(block);
    }

    /** Adds a reference to each block in {@code [begin, end)}. */
    public void inc(long begin, long end) {
        spaceMap.inc(begin, end);
    }

    /** Drops a reference to a block. */
    public void dec(long block) {
        spaceMap.dec(block);
    }

    /** Drops a reference to each block in {@code [begin, end)}. */
    public void dec(long begin, long end) {
        spaceMap.dec(begin, end);
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

    /** First half of a commit: the space map is committed, and everything but the superblock becomes durable. */
    public void preCommit() {
        spaceMap.commit();
        blocks.flush();
    }

    /**
     * Second half: releases the superblock, which the caller has locked for writing and changed, and makes it durable.
     * Nothing else may have been changed since {@link #preCommit}.
     *
     * @param publish records the new roots for readers; runs once the commit is durable, never while a view is opened
     */
    public void commit(Block superblock, Runnable publish) {
        shadows.clear();
        superblock.close();
        blocks.flush();
        guard.committed(publish, blocks::forget);
    }

    /**
     * Throws the running transaction away: blocks and metadata space map are those of the last commit again. The owner
     * must take its own roots, and any other space map, from the committed superblock too.
     *
     * @param committed the metadata space map's root in that superblock
     */
    public void abort(SpaceMapRoot committed) {
        shadows.clear();
        blocks.discardDirty();
        guard.rolledBack();
        spaceMap.reload(committed);
    }

    /**
     * Opens a view of the last committed state. Any thread; O(1); never waits for I/O.
     *
     * @param roots gives the committed roots; runs while no commit is being published
     */
    public <R> ReadView<R> openView(Supplier<R> roots) {
        return new ReadView<>(blocks, guard, guard.enter(roots));
    }
}

package io.pdata.core.block;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The frames of a cache: which block is in which, which are dirty, and which to empty next.
 *
 * <p>Everything but {@link #cached} is guarded by the manager's lock. The table has an entry for every block of the
 * device - four bytes for each 4096, 16 MiB for the largest metadata - so that finding a block is one load and needs no
 * lock: an entry may be stale by the time it is read, which the frame's own number then shows.
 *
 * <p>Frames are made when they are first needed, as many again as there are: a tool that looks at a small device does not
 * wait for memory to be cleared that it never uses.
 */
final class FramePool {
    private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(int[].class);
    private static final int MIN_FRAMES = 64;
    private static final int MOST_AT_ONCE = 4096;

    private final Arena arena = Arena.ofShared();
    private final BlockManager manager;
    /** The first {@link #made} are there. */
    private final Block[] frames;
    private int made;
    private final Counters counters;
    private final int[] free;
    private int freeCount;
    private final int[] dirty;
    private int dirtyCount;
    private int hand;

    /** For each block 1 + the frame it is in, or 0. */
    private volatile int[] table;

    FramePool(BlockManager manager, long cacheBytes, int blocks, Counters counters) {
        this.counters = counters;
        int count = Math.clamp(cacheBytes / Bytes.BLOCK_SIZE, MIN_FRAMES, BlockManager.MAX_BLOCKS);
        this.manager = manager;
        frames = new Block[count];
        free = new int[count];
        dirty = new int[count];
        table = new int[blocks];
    }

    private void makeFrames() {
        int count = Math.min(Math.clamp(made, MIN_FRAMES, MOST_AT_ONCE), frames.length - made);
        MemorySegment slab = allocate((long) count * Bytes.BLOCK_SIZE);
        for (int i = count - 1; i >= 0; i--) {
            frames[made + i] = new Block(manager, made + i,
                    slab.asSlice((long) i * Bytes.BLOCK_SIZE, Bytes.BLOCK_SIZE));
            free[freeCount++] = made + i;
        }
        made += count;
    }

    /** Block-aligned memory that is given back together with the frames. */
    final MemorySegment allocate(long bytes) {
        return arena.allocate(bytes, Bytes.BLOCK_SIZE);
    }

    int frames() {
        return frames.length;
    }

    int blocks() {
        return table.length;
    }

    int dirtyCount() {
        return dirtyCount;
    }

    int made() {
        return made;
    }

    Block frame(int index) {
        return frames[index];
    }

    int dirtyFrame(int position) {
        return dirty[position];
    }

    Block cached(long number) {
        int[] entries = table;
        if (number < 0 || number >= entries.length) {
            return null;
        }
        int entry = (int) ENTRY.getAcquire(entries, (int) number);
        return entry == 0 ? null : frames[entry - 1];
    }

    /** An empty frame, held exclusively; or null if every frame is dirty or locked. */
    Block take() {
        if (freeCount == 0 && made < frames.length) {
            makeFrames();
        }
        if (freeCount > 0) {
            Block block = frames[free[--freeCount]];
            while (!block.tryExclusive()) {
                Thread.onSpinWait(); // a reader that came too late still has to notice that the block is gone
            }
            return block;
        }
        for (int steps = 0; steps < 2 * frames.length; steps++) {
            Block block = frames[hand];
            hand = hand + 1 == frames.length ? 0 : hand + 1;
            if (block.dirty || block.holds() != 0) {
                continue;
            }
            if (block.recentlyUsed) {
                block.recentlyUsed = false;
            } else if (block.tryExclusive()) {
                ENTRY.setRelease(table, (int) block.number(), 0);
                counters.evictions.increment();
                return block;
            }
        }
        return null;
    }

    void enter(Block block) {
        block.recentlyUsed = true;
        ENTRY.setRelease(table, (int) block.number(), block.frame + 1);
    }

    /** Empties a frame that the caller has exclusively. */
    void abandon(Block block) {
        ENTRY.setRelease(table, (int) block.number(), 0);
        block.identify(-1, null);
        block.releaseExclusive();
        free[freeCount++] = block.frame;
    }

    /** Turns a write-locked frame into an unused one that holds no block. */
    void orphan(Block block) {
        markClean(block);
        ENTRY.setRelease(table, (int) block.number(), 0);
        block.identify(-1, null);
    }

    /** An orphaned frame can be used again as soon as its lock has been released. */
    void free(Block block) {
        free[freeCount++] = block.frame;
    }

    void markDirty(Block block) {
        if (!block.dirty) {
            block.dirty = true;
            block.dirtyIndex = dirtyCount;
            dirty[dirtyCount++] = block.frame;
        }
    }

    void markClean(Block block) {
        if (block.dirty) {
            int last = dirty[--dirtyCount];
            dirty[block.dirtyIndex] = last;
            frames[last].dirtyIndex = block.dirtyIndex;
            block.dirty = false;
            block.dirtyIndex = -1;
        }
    }

    /** Empties a frame whose content is not wanted any more; false if somebody holds it. */
    boolean drop(Block block) {
        if (!block.tryExclusive()) {
            return false;
        }
        markClean(block);
        abandon(block);
        return true;
    }

    void resize(int blocks) {
        if (blocks > table.length) {
            table = java.util.Arrays.copyOf(table, blocks);
        }
    }

    void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}

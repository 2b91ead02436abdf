package io.pdata.core.block;

import io.pdata.core.device.Device;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Writes dirty blocks: in ascending order, neighbours in one call. One 32 KiB write costs about half of eight scattered
 * ones, so this is what the latency of a commit hangs on.
 *
 * <p>Frames are chosen and released under the manager's lock; in between they are held shared, so that they can be read
 * but neither changed nor emptied while they are on their way.
 */
final class WriteBack {
    private static final int MAX_RUN = 256;
    private static final int MAX_TO_MAKE_ROOM = 4096;
    private static final int SUPERBLOCK = 0;

    private final Device device;
    private final FramePool pool;
    private final Counters counters;
    private int underWay;
    /** Where neighbours are put together; made when it is needed first, since who only reads needs none. */
    private MemorySegment staging;

    WriteBack(Device device, FramePool pool, Counters counters) {
        this.device = device;
        this.pool = pool;
        this.counters = counters;
    }

    /** Holds every dirty frame; the result is in the order of their blocks. */
    int[] holdAll() {
        return hold(pool.dirtyCount(), true);
    }

    /** Holds some dirty frames that may be written to make room; never the superblock's. None if there is none. */
    int[] holdSome() {
        int[] held = hold(Math.min(pool.dirtyCount(), MAX_TO_MAKE_ROOM), false);
        if (held.length > 0) {
            counters.writeBacks.increment();
        }
        return held;
    }

    /** Whether some thread holds frames to write them. */
    boolean busy() {
        return underWay > 0;
    }

    private int[] hold(int wanted, boolean all) {
        long[] order = new long[wanted];
        int count = 0;
        for (int i = 0; i < pool.dirtyCount() && count < wanted; i++) {
            Block block = pool.frame(pool.dirtyFrame(i));
            if (!all && block.number() == SUPERBLOCK) {
                continue;
            }
            if (block.tryShare()) {
                order[count++] = block.number() << 32 | block.frame;
            } else if (all) {
                for (int j = 0; j < count; j++) {
                    pool.frame((int) order[j]).releaseShared();
                }
                throw new IllegalStateException("block " + block.number() + " is still locked for writing");
            }
        }
        Arrays.sort(order, 0, count);
        int[] frames = new int[count];
        for (int i = 0; i < count; i++) {
            frames[i] = (int) order[i];
        }
        if (count > 0) {
            underWay++;
        }
        return frames;
    }

    /** Writes the frames, and then flushes the device if so asked. Needs no lock. */
    synchronized void write(int[] frames, boolean flush) {
        for (int from = 0; from < frames.length;) {
            int to = endOfRun(frames, from);
            writeRun(frames, from, to);
            from = to;
        }
        if (flush) {
            device.flush();
            counters.flushes.increment();
        }
    }

    private int endOfRun(int[] frames, int from) {
        long first = pool.frame(frames[from]).number();
        int to = from + 1;
        while (to < frames.length && to - from < MAX_RUN && pool.frame(frames[to]).number() == first + (to - from)) {
            to++;
        }
        return to;
    }

    private void writeRun(int[] frames, int from, int to) {
        if (staging == null && to - from > 1) {
            staging = pool.allocate((long) MAX_RUN * Bytes.BLOCK_SIZE);
        }
        for (int i = from; i < to; i++) {
            Block block = pool.frame(frames[i]);
            block.validator().prepare(block.data(), block.number());
            if (to - from > 1) {
                MemorySegment.copy(block.data(), 0, staging, (long) (i - from) * Bytes.BLOCK_SIZE, Bytes.BLOCK_SIZE);
            }
        }
        Block first = pool.frame(frames[from]);
        device.write(first.number() * Bytes.BLOCK_SIZE,
                to - from == 1 ? first.data() : staging.asSlice(0, (long) (to - from) * Bytes.BLOCK_SIZE));
        counters.writes.increment();
        counters.blocksWritten.add(to - from);
    }

    /** Lets go of the frames; they are clean now if the write succeeded. */
    void release(int[] frames, boolean clean) {
        if (frames.length > 0) {
            underWay--;
        }
        for (int frame : frames) {
            Block block = pool.frame(frame);
            if (clean) {
                pool.markClean(block);
            }
            block.releaseShared();
        }
    }
}

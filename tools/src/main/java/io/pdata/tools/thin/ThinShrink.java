package io.pdata.tools.thin;

import io.pdata.core.device.Device;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.thin.DeviceDetails;
import io.pdata.tools.BlockCopier;
import io.pdata.tools.ToolException;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Makes a pool smaller that is not in use, as {@code thin_shrink} of thin-provisioning-tools does: the blocks of the
 * data device that are in use beyond its new end are copied to the first ones that are not, in order, and the mappings
 * follow.
 *
 * <p>First {@link #plan}, then {@link #copy}, then {@link #write}. What is copied goes to blocks that nothing is mapped
 * to, and the old metadata are only read: whatever happens, they stand for the same content as before, until somebody
 * uses the new ones. Those are to be written only after the copies are durable, which they are when {@link #copy}
 * returns. Of a held metadata snapshot nothing is kept, and blocks which only that refers to may be overwritten.
 *
 * <p>Memory: one bit for each data block ({@link UsedBlocks}), and 16 MiB to copy. The pool is read twice, and must not
 * change meanwhile. Not thread-safe. Errors: {@link ToolException}, and those of whoever reads or writes the pool.
 */
public final class ThinShrink {
    /** More data blocks the largest metadata cannot count. */
    private static final long MOST_BLOCKS = (long) IndexBlock.ENTRIES * BitmapBlock.ENTRIES * BitmapBlock.ENTRIES;
    private static final int SECTOR = 512;
    private static final long COPY_BYTES = 16 << 20;

    private final Consumer<DumpSink> pool;
    private final long blocks;
    private PoolHeader header;
    private UsedBlocks used;

    private ThinShrink(Consumer<DumpSink> pool, long blocks) {
        this.pool = pool;
        this.blocks = blocks;
    }

    /**
     * Reads a pool, and finds out what has to be moved.
     *
     * @param pool shows what is in the pool, each time that it is called
     * @param blocks how many data blocks the pool shall have; at most its present number
     * @throws ToolException if that is more than it has, or less than is mapped, or the pool cannot be
     */
    public static ThinShrink plan(Consumer<DumpSink> pool, long blocks) {
        if (blocks < 0 || blocks > MOST_BLOCKS) {
            throw new ToolException("a pool cannot have " + Long.toUnsignedString(blocks) + " data blocks");
        }
        ThinShrink shrink = new ThinShrink(pool, blocks);
        pool.accept(shrink.new Census());
        if (blocks > shrink.header.dataBlocks()) {
            throw new ToolException(
                    "the pool has " + shrink.header.dataBlocks() + " data blocks, and cannot be shrunk to "
                            + blocks + ": the kernel makes it larger when it is activated on a larger device");
        }
        shrink.used.count();
        if (shrink.used.used() > blocks) {
            throw new ToolException("Insufficient free space: " + shrink.used.used()
                    + " data blocks are in use, more than the " + blocks + " that there would be");
        }
        return shrink;
    }

    /** The size of a data block. */
    public long blockBytes() {
        return Integer.toUnsignedLong(header.dataBlockSectors()) * SECTOR;
    }

    /** How many data blocks have to be moved. */
    public long toMove() {
        return used.used() - used.usedBefore(end());
    }

    /** Data blocks before this one stay where they are. */
    private long end() {
        return blocks;
    }

    /**
     * Makes sure that a data device has the blocks that the pool shall have.
     *
     * @throws ToolException if it is too small
     */
    public void requireSize(Device data) {
        long present = data.size() / blockBytes();
        if (present < blocks) {
            throw new ToolException("unexpected data device size, wanted at least "
                    + blocks * blockBytes() + " bytes: " + data.name() + " has " + present
                    + " data blocks, fewer than the " + blocks
                    + " that the pool shall have");
        }
    }

    /**
     * Copies what has to be moved; it is durable then.
     *
     * @param copied is told of blocks that have been copied, by several threads at once
     * @throws ToolException if the data device is too small to be that of the pool, or something cannot be copied
     */
    public void copy(Device data, LongConsumer copied) {
        if (toMove() == 0) {
            return;
        }
        long needed = lastUsed() + 1;
        if (data.size() / blockBytes() < needed) {
            throw new ToolException("unexpected data device size, wanted at least " + needed * blockBytes() + " bytes");
        }
        Failures failures = new Failures(copied);
        try (BlockCopier copier = new BlockCopier(data, 0, data, 0, blockBytes(), COPY_BYTES, 0, failures)) {
            for (long from = used.nextUsed(end(), used.blocks()); from < used.blocks();) {
                long to = used.nextFree(from, used.blocks());
                move(from, to - from, copier::copy);
                from = used.nextUsed(to, used.blocks());
            }
            copier.finish();
        }
        failures.requireNone();
    }

    private long lastUsed() {
        long last = 0;
        for (long from = used.nextUsed(end(), used.blocks()); from < used.blocks();) {
            last = used.nextFree(from, used.blocks()) - 1;
            from = used.nextUsed(last + 1, used.blocks());
        }
        return last;
    }

    /** Writes the pool as it is after the copy. */
    public void write(DumpSink output) {
        pool.accept(new Moved(output));
    }

    private interface MoveVisitor {
        void visit(long from, long to, long length);
    }

    /** Visits the parts of a range beyond the new end, all of it in use, that stay together. */
    private void move(long from, long length, MoveVisitor visitor) {
        long rank = used.usedBefore(from) - used.usedBefore(end());
        for (long done = 0; done < length;) {
            long to = used.free(rank + done);
            long n = used.nextUsed(to, to + length - done) - to;
            visitor.visit(from + done, to, n);
            done += n;
        }
    }

    /** Sees what is in use. */
    private final class Census implements DumpSink {
        @Override
        public void beginPool(PoolHeader pool) {
            SuperblockCheck.requireBlockSize(pool.dataBlockSectors());
            if (pool.dataBlocks() < 0 || pool.dataBlocks() > MOST_BLOCKS) {
                throw new ToolException(
                        "a pool cannot have " + Long.toUnsignedString(pool.dataBlocks()) + " data blocks");
            }
            header = pool;
            used = new UsedBlocks(pool.dataBlocks());
        }

        @Override
        public void map(long origin, long data, long length, int time) {
            if (data < 0 || length < 1 || length > used.blocks() || data > used.blocks() - length) {
                throw new ToolException("block out of bounds: data blocks " + Long.toUnsignedString(data) + " to "
                        + Long.toUnsignedString(data + length - 1) + " are mapped, but there are " + used.blocks());
            }
            used.add(data, data + length);
        }

        @Override
        public void beginShared(long name) {}

        @Override
        public void endShared() {}

        @Override
        public void beginDevice(long id, DeviceDetails details) {}

        @Override
        public void endDevice() {}

        @Override
        public void shared(long name) {}

        @Override
        public void endPool() {}
    }

    /** Tells a sink where things are after the copy. */
    private final class Moved implements DumpSink {
        private final DumpSink output;

        Moved(DumpSink output) {
            this.output = output;
        }

        @Override
        public void beginPool(PoolHeader pool) {
            output.beginPool(new PoolHeader(pool.time(), pool.transactionId(), pool.flags(), pool.version(),
                    pool.dataBlockSectors(), blocks));
        }

        @Override
        public void map(long origin, long data, long length, int time) {
            if (data < 0 || length < 1 || data > used.blocks() - length
                    || used.nextFree(data, data + length) < data + length) {
                throw new ToolException("the metadata have changed while they were read");
            }
            long staying = Math.clamp(end() - data, 0, length);
            if (staying > 0) {
                output.map(origin, data, staying, time);
            }
            if (staying < length) {
                move(data + staying, length - staying,
                        (from, to, n) -> output.map(origin + from - data, to, n, time));
            }
        }

        @Override
        public void beginShared(long name) {
            output.beginShared(name);
        }

        @Override
        public void endShared() {
            output.endShared();
        }

        @Override
        public void beginDevice(long id, DeviceDetails details) {
            output.beginDevice(id, details);
        }

        @Override
        public void endDevice() {
            output.endDevice();
        }

        @Override
        public void shared(long name) {
            output.shared(name);
        }

        @Override
        public void endPool() {
            output.endPool();
        }
    }

    /** Hears of blocks that cannot be copied, from several threads. */
    private static final class Failures implements BlockCopier.Listener {
        private final LongConsumer copied;
        private long failed;
        private String first;

        Failures(LongConsumer copied) {
            this.copied = copied;
        }

        @Override
        public void copied(long blocks) {
            copied.accept(blocks);
        }

        @Override
        public synchronized void failed(long from, long to, String reason) {
            if (failed++ == 0) {
                first = "data block " + from + " cannot be copied to " + to + ": " + reason;
            }
        }

        synchronized void requireNone() {
            if (failed > 0) {
                throw new ToolException(failed == 1 ? first : first + "; nor can " + (failed - 1) + " others");
            }
        }
    }
}

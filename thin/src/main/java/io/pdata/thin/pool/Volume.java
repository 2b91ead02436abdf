package io.pdata.thin.pool;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.WouldWaitException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.thin.BlockTime;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.ThinRequestException.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.StampedLock;

/**
 * A thin volume as a device of bytes. Blocks are provided when they are first written, and copied when they are written
 * while a snapshot may still need what they hold.
 *
 * <p>Any number of threads. A read, or a write to a block that is this volume's alone, takes no lock but the volume's own
 * two, shared. Writes that overlap leave the bytes of one or the other, sector by sector.
 *
 * <p>Invariant: where a block is, is only changed by whoever has its lock exclusively, or the whole volume; nobody reads or
 * writes a data block without holding the lock of the virtual block that leads there. Whoever holds the lock of a block waits
 * for that of no other.
 *
 * <p>Source: format document "thin", sections 3, 7 and 8.
 */
public final class Volume implements Device {
    /** How many blocks a discard unmaps while everybody else has to wait. */
    private static final long DISCARD_STEP = 1024;
    private static final int ZERO_BUFFER = 256 << 10;
    private static final int STRIPES = 256;
    private static final long QUIESCE_SECONDS = 15;
    /** How many blocks are read with one call, if they lie side by side. */
    private static final int MOST_TOGETHER = 32;

    private static final MemorySegment ZEROES = Arena.global().allocate(ZERO_BUFFER, 4096).asReadOnly();

    private final ThinPool pool;
    private final PoolMetadata metadata;
    private final PoolOptions options;
    private final Device data;
    private final Device origin;
    private final ThinDevice device;
    private final NewBlocks newBlocks;
    private final Device withoutWaiting = new NonWaitingVolume(this);
    private final long blockBytes;
    private final StampedLock whole = new StampedLock();
    private final StampedLock[] blocks = new StampedLock[STRIPES];
    private volatile long size;

    /** @param origin what unmapped blocks show; null for zeroes */
    Volume(ThinPool pool, ThinDevice device, long size, Device origin) {
        this.pool = pool;
        this.metadata = pool.metadata();
        this.options = pool.options();
        this.data = pool.data();
        this.device = device;
        this.size = size;
        this.origin = origin;
        this.blockBytes = metadata.blockBytes();
        this.newBlocks = new NewBlocks(data, origin, blockBytes, options.zeroNewBlocks());
        for (int i = 0; i < STRIPES; i++) {
            blocks[i] = new StampedLock();
        }
    }

    /** The device id in the pool. */
    public long id() {
        return device.id();
    }

    ThinDevice device() {
        return device;
    }

    @Override
    public String name() {
        return "volume " + device.id();
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean readOnly() {
        return metadata.mode().compareTo(PoolMode.READ_ONLY) >= 0;
    }

    /** The size of the blocks that are provided and copied, in bytes. */
    public long blockBytes() {
        return blockBytes;
    }

    // ---- reading ----

    @Override
    public void read(long position, MemorySegment target) {
        Objects.checkFromIndexSize(position, target.byteSize(), size);
        long stamp = whole.readLock();
        try {
            for (long done = 0; done < target.byteSize();) {
                done += readTogether(position + done, done == 0 ? target : target.asSlice(done));
            }
        } finally {
            whole.unlockRead(stamp);
        }
    }

    /** Reads, from the beginning of a range on, what lies in one piece; returns how much that was. */
    private long readTogether(long position, MemorySegment target) {
        long virtualBlock = position / blockBytes;
        long offset = position % blockBytes;
        long length = Math.min(target.byteSize(), blockBytes - offset);
        int blocks = 1;
        lockOf(virtualBlock).readLock();
        try {
            requireAlive();
            long mapping = metadata.lookup(device, virtualBlock);
            if (mapping == BlockTime.UNMAPPED) {
                newBlocks.readOrigin(position, begin(target, length));
                return length;
            }
            long block = BlockTime.block(mapping);
            while (length < target.byteSize() && joins(virtualBlock, block, blocks)) {
                length = Math.min(target.byteSize(), length + blockBytes);
                blocks++;
            }
            data.read(block * blockBytes + offset, begin(target, length));
            return length;
        } finally {
            unlock(virtualBlock, blocks);
        }
    }

    /**
     * Whether the block behind {@code blocks} others is, in the data device too, behind them; then it is locked as they are.
     * Its lock is not waited for: whoever holds some must not.
     */
    private boolean joins(long virtualBlock, long block, int blocks) {
        StampedLock lock = lockOf(virtualBlock + blocks);
        if (blocks == MOST_TOGETHER || lock.tryReadLock() == 0) {
            return false;
        }
        boolean joins = false;
        try {
            long mapping = metadata.lookup(device, virtualBlock + blocks);
            joins = mapping != BlockTime.UNMAPPED && BlockTime.block(mapping) == block + blocks;
            return joins;
        } finally {
            if (!joins) {
                lock.tryUnlockRead();
            }
        }
    }

    private void unlock(long virtualBlock, int blocks) {
        for (int i = 0; i < blocks; i++) {
            lockOf(virtualBlock + i).tryUnlockRead();
        }
    }

    private static MemorySegment begin(MemorySegment memory, long length) {
        return length == memory.byteSize() ? memory : memory.asSlice(0, length);
    }

    /** What {@link #describe} finds out about a range. */
    public enum Extent {
        /** Nothing has been written there: it reads as zeroes. */
        UNMAPPED,
        /** Nothing has been written there: it reads as the external origin, and as zeroes behind its end. */
        ORIGIN,
        /** Only this volume has what is there. */
        OWN,
        /** Other volumes may have it too. */
        SHARED
    }

    /** Gets extents, each right behind the one before. */
    @FunctionalInterface
    public interface ExtentVisitor {
        /** @return whether to go on */
        boolean visit(long length, Extent extent);
    }

    /**
     * Describes a range, from its beginning on without gaps; neighbours that are alike are one extent. If a damaged node of
     * the metadata keeps it from describing all of it, it describes the part before the damage. O(mappings in the range).
     *
     * @throws CorruptionException if not even the beginning can be described
     */
    public void describe(long position, long length, ExtentVisitor visitor) {
        Objects.checkFromIndexSize(position, length, size);
        long begin = position / blockBytes;
        if (length > 0 && (position + length - 1) / blockBytes == begin) {
            visitor.visit(length, extentOf(begin, metadata.lookup(device, begin))); // as for most reads: makes no object
        } else {
            new ExtentWalk(this, position, position + length, visitor).run();
        }
    }

    /** The mapped blocks from one on, below {@code end} if there are any. */
    void nextMapped(long virtualBlock, long end, MappedBlocks found) {
        metadata.next(device, virtualBlock, end, found);
    }

    /** The kind of extent that a block belongs to, given its mapping. */
    Extent extentOf(long virtualBlock, long mapping) {
        if (mapping == BlockTime.UNMAPPED) {
            return virtualBlock < originBlocks() ? Extent.ORIGIN : Extent.UNMAPPED;
        }
        return device.mayShare(BlockTime.time(mapping)) ? Extent.SHARED : Extent.OWN;
    }

    /** How many blocks show something of the external origin if they are not mapped. */
    long originBlocks() {
        return origin == null ? 0 : Math.ceilDiv(origin.size(), blockBytes);
    }

    // ---- writing ----

    /**
     * This volume for callers that do not wait for space: {@link Device#write} and {@link Device#zero} throw a
     * {@link WouldWaitException} instead. {@link ThinPool#onSpace} says when to try again.
     */
    public Device withoutWaiting() {
        return withoutWaiting;
    }

    @Override
    public void write(long position, MemorySegment source) {
        write(position, source, true);
    }

    void write(long position, MemorySegment source, boolean wait) {
        Objects.checkFromIndexSize(position, source.byteSize(), size);
        for (long done = 0; done < source.byteSize();) {
            long at = position + done;
            long length = Math.min(source.byteSize() - done, blockBytes - at % blockBytes);
            MemorySegment part = length == source.byteSize() ? source : source.asSlice(done, length);
            if (!writeInPlace(at / blockBytes, at % blockBytes, part)) {
                provide(at / blockBytes, at % blockBytes, part, done, wait);
            }
            done += length;
        }
    }

    private void provide(long virtualBlock, long offset, MemorySegment source, long done, boolean wait) {
        while (true) {
            try {
                writeElsewhere(virtualBlock, offset, source);
                return;
            } catch (NoSpaceException e) {
                awaitSpace(e, done, wait);
            }
        }
    }

    private void awaitSpace(NoSpaceException full, long done, boolean wait) {
        try {
            metadata.awaitSpace(wait, full);
        } catch (WouldWaitException e) {
            throw new WouldWaitException(e.getMessage(), done);
        }
    }

    /** Writes if the block is there and this volume's alone. */
    private boolean writeInPlace(long virtualBlock, long offset, MemorySegment source) {
        StampedLock lock = lockOf(virtualBlock);
        long stampWhole = whole.readLock();
        try {
            long stamp = lock.readLock();
            try {
                requireAlive();
                requireInside(virtualBlock, offset, source);
                return writeIfOwn(metadata.lookup(device, virtualBlock), offset, source);
            } finally {
                lock.unlockRead(stamp);
            }
        } finally {
            whole.unlockRead(stampWhole);
        }
    }

    private boolean writeIfOwn(long mapping, long offset, MemorySegment source) {
        boolean own = mapping != BlockTime.UNMAPPED && !device.mayShare(BlockTime.time(mapping));
        if (own) {
            data.write(BlockTime.block(mapping) * blockBytes + offset, source);
        }
        return own;
    }

    /** Writes to a new data block, which then takes the place of what the virtual block was mapped to, if anything. */
    private void writeElsewhere(long virtualBlock, long offset, MemorySegment source) {
        StampedLock lock = lockOf(virtualBlock);
        long stampWhole = whole.readLock();
        try {
            long stamp = lock.writeLock();
            try {
                requireInside(virtualBlock, offset, source);
                long mapping = metadata.lookup(device, virtualBlock);
                if (!writeIfOwn(mapping, offset, source)) {
                    NewBlock block = metadata.allocate();
                    orRelease(block.block(), () -> {
                        newBlocks.fill(block, virtualBlock, mapping, offset, source);
                        metadata.map(device, virtualBlock, block.block());
                    });
                }
            } finally {
                lock.unlockWrite(stamp);
            }
        } finally {
            whole.unlockRead(stampWhole);
        }
    }

    /** Somebody may have made the volume smaller since the write was let in. */
    private void requireInside(long virtualBlock, long offset, MemorySegment source) {
        Objects.checkFromIndexSize(virtualBlock * blockBytes + offset, source.byteSize(), size);
    }

    private void orRelease(long block, Runnable use) {
        try {
            use.run();
        } catch (RuntimeException | Error e) {
            try {
                metadata.release(block);
            } catch (RuntimeException | Error suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    // ---- flushing ----

    /**
     * Returns when all writes that were acknowledged before are durable.
     *
     * @throws DeviceException also if some of them were lost, because the metadata had to be rolled back; then for good, until
     *         the pool is opened anew
     */
    @Override
    public void flush() {
        metadata.flush();
        if (metadata.hasLost(id())) {
            throw new DeviceException(name() + ": writes were lost when the pool's metadata was rolled back");
        }
    }

    // ---- discarding ----

    /**
     * Unmaps the blocks that lie in the range as a whole; what sticks out at its ends stays as it is. Does nothing if the
     * pool ignores discards, or if its metadata cannot be changed.
     */
    @Override
    public void discard(long position, long length) {
        Objects.checkFromIndexSize(position, length, size);
        requireAlive();
        if (options.discards() && metadata.mode().compareTo(PoolMode.OUT_OF_METADATA_SPACE) <= 0) {
            unmap(Math.ceilDiv(position, blockBytes), (position + length) / blockBytes);
        }
    }

    private void unmap(long begin, long end) {
        long next = begin;
        while (next < end) {
            long stamp = whole.writeLock();
            try {
                next = metadata.unmapSome(device, next, end, DISCARD_STEP);
            } finally {
                whole.unlockWrite(stamp);
            }
        }
        metadata.releaseSpace();
    }

    /** Makes a range read as zeroes; whole blocks are unmapped if that does it, now and after later writes to them. */
    @Override
    public void zero(long position, long length) {
        zero(position, length, true);
    }

    void zero(long position, long length, boolean wait) {
        Objects.checkFromIndexSize(position, length, size);
        long end = position + length;
        long firstWhole = Math.max(Math.ceilDiv(position, blockBytes), firstZeroIfUnmapped());
        long endWhole = end / blockBytes;
        if (firstWhole >= endWhole) {
            writeZeroes(position, position, end, wait);
        } else {
            writeZeroes(position, position, firstWhole * blockBytes, wait);
            unmap(firstWhole, endWhole);
            writeZeroes(position, endWhole * blockBytes, end, wait);
        }
    }

    /** @param begin where the range to be zeroed begins, of which this is a part */
    private void writeZeroes(long begin, long from, long end, boolean wait) {
        for (long at = from; at < end;) {
            long length = Math.min(Math.min(end - at, ZERO_BUFFER), blockBytes - at % blockBytes);
            if (at / blockBytes < firstZeroIfUnmapped() || isMapped(at / blockBytes)) {
                zeroWithin(begin, at, length, wait);
            }
            at += length;
        }
    }

    /**
     * The first block from which on blocks read as zeroes if they are not mapped, and still do when other parts of them
     * have been written.
     */
    private long firstZeroIfUnmapped() {
        return options.zeroNewBlocks() ? originBlocks() : Long.MAX_VALUE;
    }

    private void zeroWithin(long begin, long at, long length, boolean wait) {
        try {
            write(at, ZEROES.asSlice(0, length), wait);
        } catch (WouldWaitException e) {
            throw new WouldWaitException(e.getMessage(), at - begin + e.done());
        }
    }

    private boolean isMapped(long virtualBlock) {
        return metadata.lookup(device, virtualBlock) != BlockTime.UNMAPPED;
    }

    // ---- size, end ----

    /**
     * Changes the size. What lies beyond a smaller one is given up: if the volume grows again it reads as zeroes there, or,
     * from the next block on, as the external origin. If that fails it has its size as before, and of what should have been
     * given up a part.
     *
     * @param reserve must be false: blocks are provided when they are written
     */
    @Override
    public void resize(long newSize, boolean reserve) {
        if (reserve || newSize <= 0) {
            throw new IllegalArgumentException(name() + " cannot be given a size of " + newSize + " bytes"
                    + (reserve ? ", all of it set aside" : ""));
        }
        long before = size;
        if (newSize < before) {
            long nextWhole = Math.ceilDiv(newSize, blockBytes);
            writeZeroes(newSize, newSize, Math.min(before, nextWhole * blockBytes), true);
            size = newSize; // first, so that nobody maps there what has just been unmapped
            try {
                unmap(nextWhole, Math.ceilDiv(before, blockBytes));
            } catch (RuntimeException e) {
                size = before;
                throw e;
            }
        } else {
            size = newSize;
        }
    }

    /**
     * Does something while no reads or writes are under way.
     *
     * @throws ThinRequestException BUSY if those that are do not end: an external origin may be on a file system that does not
     *         answer, and the whole pool must not wait for that
     */
    void quiesced(Runnable work) {
        long stamp = quiesce();
        try {
            work.run();
        } finally {
            whole.unlockWrite(stamp);
        }
    }

    private long quiesce() {
        try {
            long stamp = whole.tryWriteLock(QUIESCE_SECONDS, TimeUnit.SECONDS);
            if (stamp == 0) {
                throw new ThinRequestException(Reason.BUSY,
                        name() + " has reads or writes under way that have not ended for "
                                + QUIESCE_SECONDS
                                + " s: its external origin, or the pool's data device, does not answer");
            }
            return stamp;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return whole.writeLock();
        }
    }

    /** Takes back one opening of the volume; the last one ends its use. */
    @Override
    public void close() {
        pool.closeVolume(this);
    }

    private StampedLock lockOf(long virtualBlock) {
        return blocks[(int) (virtualBlock ^ virtualBlock >>> 8) & STRIPES - 1];
    }

    private void requireAlive() {
        if (metadata.mode() == PoolMode.FAIL) {
            throw new DeviceException(name() + ": the pool has failed");
        }
    }
}

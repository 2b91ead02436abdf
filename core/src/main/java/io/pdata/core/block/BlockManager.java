package io.pdata.core.block;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.ReadOnlyException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bounded cache of the blocks of one device.
 *
 * <p>Invariants:
 * <ul>
 * <li>A block is in at most one frame. A frame leaves or changes its block only while somebody has it exclusively.
 * <li>A validator runs once for each load, before anybody sees the content; from then on the frame remembers it.
 * <li>A dirty block may be written at any time, but block 0 - the superblock - only by {@link #flush}.
 * <li>After a failed write or flush nothing is ever written again (there is no knowing what the device has kept).
 * </ul>
 *
 * <p>Locks are per block: any number of readers or one writer. They do not recurse and cannot be upgraded. All methods
 * may be called by any thread; {@link #flush}, {@link #discardDirty} and {@link #resize} by one writer, who must hold
 * no write lock then.
 *
 * <p>Errors: {@link CorruptionException} for a block that is not what it is taken for or does not exist,
 * {@link DeviceException} and {@link ReadOnlyException} as the device throws them.
 *
 * <p>Source: format document "persistent-data", section 2. The blocks are outside the heap, in a few pieces of memory
 * that are made when they are first needed; no operation allocates on a hit.
 */
public final class BlockManager implements AutoCloseable {
    public static final int BLOCK_SIZE = Bytes.BLOCK_SIZE;

    /** The most blocks that are ever addressed: a metadata space map cannot count more than 4 161 600. */
    public static final int MAX_BLOCKS = 1 << 22;

    private static final int LOCK_WAIT_SECONDS = 60;

    private final Device device;
    private final FramePool pool;
    private final WriteBack writeBack;
    private final Prefetcher prefetcher;
    private final Counters counters = new Counters();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    private volatile int waiters;
    private volatile boolean readOnly;
    private volatile DeviceException failure;

    /**
     * @param device where the blocks are; closed together with this manager
     * @param cacheBytes how much memory the cache may take; at least 64 blocks are made
     */
    public BlockManager(Device device, long cacheBytes) {
        this.device = device;
        this.readOnly = device.readOnly();
        this.pool = new FramePool(this, cacheBytes, addressable(device.size()), counters);
        this.writeBack = new WriteBack(device, pool, counters);
        this.prefetcher = new Prefetcher(this);
    }

    private static int addressable(long bytes) {
        return (int) Math.min(MAX_BLOCKS, bytes / BLOCK_SIZE);
    }

    public Device device() {
        return device;
    }

    /** How many blocks the device has, or as many as can be used of it. */
    public long blocks() {
        return pool.blocks();
    }

    /**
     * The frame that block {@code number} was in a moment ago, or null: the start of an optimistic read, see
     * {@link Block#stampFor}. O(1), no lock, no store to memory.
     */
    public Block cached(long number) {
        return pool.cached(number);
    }

    /** Locks a block for reading, reading it from the device if need be. O(1) on a hit. */
    public Block readLock(long number, BlockValidator validator) {
        Block block = pool.cached(number);
        if (block != null && block.tryShare()) {
            if (block.number() == number) {
                return validated(block, validator);
            }
            unlock(block);
        }
        return readLockSlowly(number, validator);
    }

    /** As {@link #readLock}, but null where that would wait or do I/O. */
    public Block tryReadLock(long number, BlockValidator validator) {
        Block block = pool.cached(number);
        if (block == null || !block.tryShare()) {
            return null;
        }
        if (block.number() != number) {
            unlock(block);
            return null;
        }
        return validated(block, validator);
    }

    /** Locks a block for writing, reading it from the device if need be. */
    public Block writeLock(long number, BlockValidator validator) {
        Block block = exclusive(number, validator, true);
        if (block.validator() != validator) {
            try {
                attach(block, validator);
            } catch (RuntimeException e) {
                block.releaseExclusive();
                wakeWaiters();
                throw e;
            }
        }
        return block;
    }

    /** Locks a block for writing and clears it; neither its old content nor its old type matter. Never reads. */
    public Block writeLockZero(long number, BlockValidator validator) {
        Block block = exclusive(number, validator, false);
        block.data().fill((byte) 0);
        block.identify(number, validator);
        return block;
    }

    /** Starts reading a block that will be wanted soon, if it is not cached and the device not in memory; only a hint. */
    public void prefetch(long number) {
        if (!device.inMemory() && number >= 0 && number < pool.blocks() && pool.cached(number) == null) {
            prefetcher.request(number);
        }
    }

    /**
     * Empties the frame of a block whose content nobody will want again, so that nothing else has to make room; only a
     * hint. Without it most of the cache of a busy writer would soon be blocks that the last commits have freed.
     */
    public void forget(long number) {
        if (pool.cached(number) == null) {
            return;
        }
        lock.lock();
        try {
            Block block = pool.cached(number);
            if (block != null && !block.dirty) {
                pool.drop(block);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes everything durable that was written before: all dirty blocks, in ascending order and neighbours together,
     * then a flush of the device.
     *
     * @throws DeviceException if anything fails; from then on only reading is possible
     */
    public void flush() {
        checkWritable();
        lock.lock();
        int[] frames;
        try {
            frames = writeBack.holdAll();
        } finally {
            lock.unlock();
        }
        write(frames, true);
    }

    /** Forgets all dirty blocks, for a roll-back. What of them was written already is not undone. */
    public void discardDirty() {
        lock.lock();
        try {
            while (writeBack.busy()) {
                released.awaitUninterruptibly(); // a prefetch may be making room for itself
            }
            while (pool.dirtyCount() > 0) {
                Block block = pool.frame(pool.dirtyFrame(pool.dirtyCount() - 1));
                if (!pool.drop(block)) {
                    // A reader that was after the frame's former block may have it for a moment yet.
                    waitForRelease(block, block.number(), block.validator(), true);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes away the write locks that the calling thread has: a stack overflow may have kept them from being released. Their
     * frames are lost to the cache until {@link Block#close} is called after all; what they held is read again.
     *
     * @return how many there were
     */
    public int releaseLostLocks() {
        lock.lock();
        try {
            int lost = 0;
            for (int i = 0; i < pool.made(); i++) {
                Block block = pool.frame(i);
                if (block.isWriteLocked() && block.number() >= 0) {
                    pool.orphan(block);
                    lost++;
                }
            }
            if (lost > 0) {
                released.signalAll();
            }
            return lost;
        } finally {
            lock.unlock();
        }
    }

    /** Grows with the device, whose size is looked up again. O(blocks). */
    public void resize() {
        lock.lock();
        try {
            pool.resize(addressable(device.refresh()));
        } finally {
            lock.unlock();
        }
    }

    public boolean readOnly() {
        return readOnly;
    }

    /** Forbids all changes, or allows them again if neither the device nor a failure forbids them. */
    public void setReadOnly(boolean wanted) {
        readOnly = wanted || device.readOnly() || failure != null;
    }

    public BlockStats stats() {
        return counters.snapshot(pool);
    }

    /**
     * Closes the device and gives the memory back. Dirty blocks are dropped; every lock must have been released.
     * Closing twice does nothing.
     */
    @Override
    public void close() {
        try {
            prefetcher.close();
            pool.close();
        } finally {
            device.close();
        }
    }

    /** Called by {@link Block#close}. */
    void unlock(Block block) {
        if (block.holds() == Block.EXCLUSIVE) {
            block.checkWriter();
            if (block.number() < 0) {
                giveBack(block);
            } else if (!block.dirty) {
                lock.lock();
                try {
                    pool.markDirty(block);
                } finally {
                    lock.unlock();
                }
            }
            block.releaseExclusive();
        } else {
            block.releaseShared();
        }
        wakeWaiters();
    }

    /** A frame whose lock was taken away is one of the cache's again. */
    private void giveBack(Block block) {
        lock.lock();
        try {
            pool.free(block);
        } finally {
            lock.unlock();
        }
    }

    /** Brings a block in for the {@link Prefetcher}; it is validated by whoever locks it first. */
    void load(long number) {
        unlock(readLockSlowly(number, null));
    }

    private Block readLockSlowly(long number, BlockValidator validator) {
        Block block;
        lock.lock();
        try {
            while (true) {
                checkNumber(number, validator);
                block = pool.cached(number);
                if (block == null) {
                    block = claimFrame(number);
                    if (block != null) {
                        break;
                    }
                } else if (block.tryShare()) {
                    return validated(block, validator);
                } else {
                    waitForRelease(block, number, validator, false);
                }
            }
        } finally {
            lock.unlock();
        }
        fill(block, number, validator);
        block.publishShared();
        wakeWaiters();
        return block;
    }

    private Block exclusive(long number, BlockValidator validator, boolean read) {
        checkWritable();
        Block block;
        lock.lock();
        try {
            while (true) {
                checkNumber(number, validator);
                block = pool.cached(number);
                if (block == null) {
                    block = claimFrame(number);
                    if (block != null) {
                        break;
                    }
                } else if (block.tryExclusive()) {
                    return block;
                } else {
                    waitForRelease(block, number, validator, true);
                }
            }
        } finally {
            lock.unlock();
        }
        if (read) {
            fill(block, number, validator);
        }
        return block;
    }

    /**
     * An exclusive frame that is entered in the table for a block that was not cached; or null if the lock had to be
     * given up on the way to one, so that all must be looked at again.
     */
    private Block claimFrame(long number) {
        Block block = pool.take();
        if (block == null) {
            checkNotFailed(number);
            int[] frames = writeBack.holdSome();
            if (frames.length == 0) {
                awaitFrames();
                return null;
            }
            lock.unlock();
            try {
                write(frames, false);
            } finally {
                lock.lock();
            }
            return null;
        }
        block.identify(number, null);
        pool.enter(block);
        return block;
    }

    /** After a failure what is dirty stays so until it is rolled back: room cannot be made by writing it. */
    private void checkNotFailed(long number) {
        if (failure != null) {
            throw new DeviceException("block " + number + " cannot be read before the running transaction is rolled "
                    + "back: the cache is full of its changes, which " + device.name()
                    + " cannot take since a failure: "
                    + failure.getMessage(), failure);
        }
    }

    /** Nothing can be emptied or written: only another thread's write-back, which holds what it writes, can help. */
    private void awaitFrames() {
        if (!writeBack.busy()) {
            throw new IllegalStateException("all " + pool.frames() + " blocks of the cache are locked");
        }
        released.awaitUninterruptibly();
    }

    private void fill(Block block, long number, BlockValidator validator) {
        try {
            device.read(number * BLOCK_SIZE, block.data());
            counters.blocksRead.increment();
            if (validator != null) {
                validator.check(block.data(), number);
                block.attach(validator);
            }
        } catch (RuntimeException | Error e) {
            lock.lock();
            try {
                pool.abandon(block);
                released.signalAll();
            } finally {
                lock.unlock();
            }
            throw e;
        }
    }

    private Block validated(Block block, BlockValidator validator) {
        if (block.validator() == validator || validator == null) {
            return block;
        }
        try {
            attach(block, validator);
            return block;
        } catch (RuntimeException e) {
            unlock(block);
            throw e;
        }
    }

    private static void attach(Block block, BlockValidator validator) {
        if (block.validator() != null) {
            throw new CorruptionException(block.number(), validator.type(),
                    "is already known as a " + block.validator().type());
        }
        validator.check(block.data(), block.number());
        block.attach(validator);
    }

    private void write(int[] frames, boolean flush) {
        boolean written = false;
        try {
            device.perform(() -> writeBack.write(frames, flush));
            written = true;
        } catch (DeviceException e) {
            failure = e;
            readOnly = true;
            throw e;
        } finally {
            lock.lock();
            try {
                writeBack.release(frames, written); // whatever was thrown, what may not have been written stays dirty
                released.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void waitForRelease(Block block, long number, BlockValidator validator, boolean forWriting) {
        if (block.isWriteLocked()) {
            throw new CorruptionException(number, typeOf(validator),
                    "is wanted while the same operation has it locked: a cycle, or a wrong reference count");
        }
        if (forWriting && block.isReadLockedHere()) {
            throw new IllegalStateException("block " + number + " (" + typeOf(validator)
                    + ") is to be changed by the thread that has it locked for reading: by a cursor or a walk through the"
                    + " tree that it is in, for example");
        }
        waiters++; // before the last look, so that whoever releases after that look sees us waiting
        boolean interrupted = Thread.interrupted();
        try {
            boolean freeNow = forWriting ? block.holds() == 0 : block.holds() != Block.EXCLUSIVE;
            if (!freeNow && !released.await(LOCK_WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("waited " + LOCK_WAIT_SECONDS + " s for the lock of block " + number);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            waiters--;
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void wakeWaiters() {
        if (waiters > 0) {
            lock.lock();
            try {
                released.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void checkNumber(long number, BlockValidator validator) {
        if (number < 0 || number >= pool.blocks()) {
            throw new CorruptionException(number, typeOf(validator),
                    "lies beyond the " + pool.blocks() + " blocks of " + device.name());
        }
    }

    /**
     * Makes sure that changes are possible.
     *
     * @throws ReadOnlyException saying why not: a failure, of which it is the cause, or what was asked for
     */
    public void checkWritable() {
        if (readOnly) {
            throw failure == null
                    ? new ReadOnlyException(device.name() + " cannot be changed: it is open for reading only")
                    : new ReadOnlyException(
                            device.name() + " cannot be changed since a failure: " + failure.getMessage(),
                            failure);
        }
    }

    private static String typeOf(BlockValidator validator) {
        return validator == null ? "any type" : validator.type();
    }
}

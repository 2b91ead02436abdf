package io.pdata.core.block;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A block in the cache, locked for reading or for writing until {@link #close}, or watched optimistically.
 *
 * <p>There is one object for each frame of the cache, made once and handed out again and again: neither it nor its
 * {@link #data} may be kept after the lock is released.
 *
 * <p><b>Optimistic reading</b> costs no store to shared memory:
 * <pre>{@code
 * long stamp = block.stampFor(number, validator);   // 0: not to be had this way, take a read lock
 * ... read block.data(); believe nothing yet ...
 * if (!block.validate(stamp)) ...                   // the frame was changed or reused: try again
 * }</pre>
 * Between the two calls the bytes may be torn or belong to another block, so every offset computed from them must be
 * kept inside the block.
 */
public final class Block implements AutoCloseable {
    private static final VarHandle VERSION;
    private static final VarHandle HOLDS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            VERSION = lookup.findVarHandle(Block.class, "version", long.class);
            HOLDS = lookup.findVarHandle(Block.class, "holds", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** {@link #holds} of a frame that one writer has, or that is being filled or emptied. */
    static final int EXCLUSIVE = -1;

    private final BlockManager manager;
    final int frame;
    private final MemorySegment data;

    // Changed only while holds == EXCLUSIVE, between two changes of the version.
    private long number = -1;
    private BlockValidator validator;

    // Guarded by the manager's lock.
    boolean dirty;
    int dirtyIndex = -1;

    /** Set by readers, cleared by the clock hand; a lost update only makes the choice of a victim a little worse. */
    boolean recentlyUsed;
    Thread writer;

    /** The last thread that has begun to read, unless it has ended that. Only its own value tells a thread anything. */
    private Thread reader;

    /** Odd while somebody has the frame exclusively; never 0, which {@link #stampFor} keeps for "no". */
    private volatile long version = 2;
    private volatile int holds;

    Block(BlockManager manager, int frame, MemorySegment data) {
        this.manager = manager;
        this.frame = frame;
        this.data = data;
    }

    /** The number of the block in this frame, in blocks from the start of the device. */
    public long number() {
        return number;
    }

    /** The 4096 bytes. Writable in truth, but to be written only under a write lock. */
    public MemorySegment data() {
        return data;
    }

    /** Releases the lock. A block that was locked for writing is dirty from now on. */
    @Override
    public void close() {
        manager.unlock(this);
    }

    /**
     * Begins an optimistic read: a stamp, or 0 if this frame does not hold block {@code wanted}, verified as of this
     * type, or if it is being written.
     */
    public long stampFor(long wanted, BlockValidator type) {
        long stamp = (long) VERSION.getAcquire(this);
        if ((stamp & 1) != 0 || number != wanted || validator != type) {
            return 0;
        }
        if (!recentlyUsed) {
            recentlyUsed = true;
        }
        return stamp;
    }

    /** Whether everything read since the stamp was taken is what it seemed to be. */
    public boolean validate(long stamp) {
        VarHandle.loadLoadFence();
        return (long) VERSION.getOpaque(this) == stamp;
    }

    /** Whether the caller's thread has this block locked for writing. */
    public boolean isWriteLocked() {
        return holds == EXCLUSIVE && writer == Thread.currentThread();
    }

    /** Whether the caller's thread, and no other, has this block locked for reading. */
    boolean isReadLockedHere() {
        return holds == 1 && reader == Thread.currentThread();
    }

    BlockValidator validator() {
        return validator;
    }

    /** Attaches a validator that the content has passed. The caller holds the block in some way. */
    void attach(BlockValidator passed) {
        validator = passed;
    }

    int holds() {
        return holds;
    }

    /** Adds a reader unless a writer has the frame. */
    boolean tryShare() {
        while (true) {
            int seen = holds;
            if (seen < 0) {
                return false;
            }
            if (HOLDS.compareAndSet(this, seen, seen + 1)) {
                reader = Thread.currentThread();
                return true;
            }
        }
    }

    /** Takes the frame for the caller alone if nobody holds it, and turns optimistic readers away. */
    boolean tryExclusive() {
        if (!HOLDS.compareAndSet(this, 0, EXCLUSIVE)) {
            return false;
        }
        writer = Thread.currentThread();
        VERSION.setOpaque(this, version + 1);
        VarHandle.storeStoreFence();
        assert (version & 1) == 1 : "an exclusive frame must be unreadable";
        return true;
    }

    /** Puts a block's identity into a frame that the caller has exclusively. */
    void identify(long newNumber, BlockValidator newValidator) {
        number = newNumber;
        validator = newValidator;
    }

    /** Turns the exclusive hold into a shared one that readers may join. */
    void publishShared() {
        writer = null;
        reader = Thread.currentThread();
        VERSION.setRelease(this, version + 1);
        holds = 1;
    }

    /** Ends an exclusive hold; the content is readable from now on. */
    void releaseExclusive() {
        writer = null;
        VERSION.setRelease(this, version + 1);
        holds = 0;
    }

    /** Ends a shared hold. */
    void releaseShared() {
        if (reader == Thread.currentThread()) {
            reader = null;
        }
        int before = (int) HOLDS.getAndAdd(this, -1);
        if (before <= 0) {
            HOLDS.getAndAdd(this, 1);
            throw new IllegalStateException("the lock of block " + number + " has been released already");
        }
    }

    /** @throws IllegalStateException if the caller's thread is not the one that has this block locked for writing */
    void checkWriter() {
        if (writer != Thread.currentThread()) {
            throw new IllegalStateException("block " + number + " is locked for writing by another thread, or being"
                    + " filled: the caller has released its lock already");
        }
    }
}

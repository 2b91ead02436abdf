package io.pdata.reliability.disk;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongPredicate;

/**
 * What is to go wrong with a {@link SimulatedDisk}. Operations are counted from 1, each kind for itself, from the moment
 * the plan is given to a disk; a plan belongs to one disk. To be completed before it is given to one.
 *
 * <pre>{@code
 * disk.follow(new FaultPlan().fail(Operation.WRITE, 3).partialWrites());
 * }</pre>
 */
public final class FaultPlan {
    /** What is counted. */
    public enum Operation {
        READ,
        /** Also zeroing, discarding and resizing. */
        WRITE, FLUSH
    }

    private static final long UNLIMITED = Long.MAX_VALUE;

    private final AtomicLongArray counts = new AtomicLongArray(Operation.values().length);
    private final Map<Operation, LongPredicate> failures = new EnumMap<>(Operation.class);
    private final Map<Long, Long> misdirected = new HashMap<>();
    private final Map<Long, Integer> flips = new HashMap<>();
    private LongPredicate lostWrites = _ -> false;
    private LongPredicate ignoredFlushes = _ -> false;
    private boolean partialWrites;
    private boolean losingFlushes;
    private long capacity = UNLIMITED;

    /** Has operation {@code n} fail, once. */
    public FaultPlan fail(Operation operation, long n) {
        return failWhere(operation, count -> count == n);
    }

    /** Has operation {@code n} and all after it fail. */
    public FaultPlan failFrom(Operation operation, long n) {
        return failWhere(operation, count -> count >= n);
    }

    /** Has some operations fail. */
    public FaultPlan failWhere(Operation operation, LongPredicate which) {
        failures.merge(operation, which, LongPredicate::or);
        return this;
    }

    /** A write that fails has written some of its sectors; otherwise it has written nothing. */
    public FaultPlan partialWrites() {
        partialWrites = true;
        return this;
    }

    /**
     * A flush that fails forgets what it should have written: the next flush succeeds, but does nothing about it. (So do
     * file systems.) What is not written again is kept or lost at a power cut as if it had never been flushed.
     */
    public FaultPlan losingFlushes() {
        losingFlushes = true;
        return this;
    }

    /** Has write {@code n} acknowledged but not done. */
    public FaultPlan loseWrite(long n) {
        lostWrites = lostWrites.or(count -> count == n);
        return this;
    }

    /** Has write {@code n} done elsewhere. */
    public FaultPlan misdirectWrite(long n, long position) {
        misdirected.put(n, position);
        return this;
    }

    /** Has some flushes acknowledged but not done. */
    public FaultPlan ignoreFlushes(LongPredicate which) {
        ignoredFlushes = ignoredFlushes.or(which);
        return this;
    }

    /** Has a byte read with the bits of {@code mask} inverted, whatever is on the medium. */
    public FaultPlan flipOnRead(long position, int mask) {
        flips.merge(position, mask, (a, b) -> a ^ b);
        return this;
    }

    /** Has storage for so many bytes only: a write that needs more fails. Blocks of 4096 bytes take it at their first write. */
    public FaultPlan capacity(long bytes) {
        capacity = bytes;
        return this;
    }

    /** How many operations there have been. Any thread. */
    public long count(Operation operation) {
        return counts.get(operation.ordinal());
    }

    /** Counts an operation, and says which it is. */
    long next(Operation operation) {
        return counts.incrementAndGet(operation.ordinal());
    }

    boolean fails(Operation operation, long n) {
        LongPredicate which = failures.get(operation);
        return which != null && which.test(n);
    }

    boolean writesPartially() {
        return partialWrites;
    }

    boolean losesFlushed() {
        return losingFlushes;
    }

    boolean losesWrite(long n) {
        return lostWrites.test(n);
    }

    boolean ignoresFlush(long n) {
        return ignoredFlushes.test(n);
    }

    /** Where write {@code n} lands. */
    long destination(long n, long position) {
        return misdirected.getOrDefault(n, position);
    }

    /** The bytes that are read wrongly. */
    Map<Long, Integer> flips() {
        return flips;
    }

    boolean fits(long bytes) {
        return bytes <= capacity;
    }
}

package io.pdata.tools.thin;

import java.util.Comparator;

/**
 * A state of a pool that could be gone back to: the root of a mapping tree's top level that was found on the device, and the
 * device details that fit best.
 *
 * @param mappingRoot the block of the one
 * @param detailsRoot the block of the other, or -1 if there are none for these devices
 * @param time the latest time in it
 * @param transactionId of the state that the superblock names the pool's; of others, which it can be more than, the
 *     latest at which one of the devices was created
 * @param devices how many devices it has
 * @param mappings how many mappings they have together, as far as they can be read; shared ones as often as they are shared
 * @param damages how many parts of it cannot be read
 * @param consistent whether the details have exactly these devices, with as many mappings each as were found
 * @param current whether the superblock names this mapping root
 * @param age how many blocks back it is from where the superblock's mapping root is, or from the end of the device if there
 *     is no superblock: blocks are taken in ascending order, beginning again at the end
 */
public record RootCandidate(long mappingRoot, long detailsRoot, long time, long transactionId, long devices,
        long mappings, long damages, boolean consistent, boolean current, long age) {

    /**
     * The best first: the one that the superblock names; such as have details; the latest by time and transaction id; whole
     * ones; those that are fewer blocks back.
     */
    public static final Comparator<RootCandidate> BEST_FIRST = Comparator.comparing(RootCandidate::current)
            .thenComparing(candidate -> candidate.detailsRoot() >= 0).thenComparingLong(RootCandidate::time)
            .thenComparing(RootCandidate::transactionId, Long::compareUnsigned).thenComparing(RootCandidate::whole)
            .reversed().thenComparingLong(RootCandidate::age);

    /** Whether nothing of it is missing. */
    public boolean whole() {
        return damages == 0 && consistent;
    }
}

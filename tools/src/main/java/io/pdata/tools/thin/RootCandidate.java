package io.pdata.tools.thin;

import java.util.Comparator;

/**
 * A state of a pool that a repair can save: the root of a mapping tree's top level that was found on the device, and the
 * device details that belong to it.
 *
 * @param mappingRoot the block with the root of the mapping tree
 * @param detailsRoot the block with the root of the details tree, or -1 if there is none for these devices
 * @param time the latest time in it
 * @param transactionId the pool's, of the state that the superblock names; of others the latest at which one of the devices
 *     was created, which the pool's can be above
 * @param devices how many devices it has
 * @param mappings how many mappings they have together, as far as they can be read; shared ones as often as they are shared
 * @param damages how many parts of it cannot be read
 * @param consistent whether the details have exactly these devices, with as many mappings each as were found
 * @param commit the index block of the metadata space map whose counts are exactly the references of this state, or 0 if none is
 *     known
 * @param current whether the superblock names it, and it is whole
 */
public record RootCandidate(long mappingRoot, long detailsRoot, long time, long transactionId, long devices,
        long mappings, long damages, boolean consistent, long commit, boolean current) {

    /** Orders states of which nothing more is known: whole ones; such as have details; the latest by time and transaction id. */
    static final Comparator<RootCandidate> LIKELIEST_FIRST = Comparator.comparing(RootCandidate::whole)
            .thenComparing(candidate -> candidate.detailsRoot() >= 0)
            .thenComparingLong(candidate -> -candidate.damages())
            .thenComparingLong(RootCandidate::time)
            .thenComparing(RootCandidate::transactionId, Long::compareUnsigned)
            .thenComparingLong(RootCandidate::mappingRoot).reversed();

    /** Whether nothing of it is missing. */
    public boolean whole() {
        return damages == 0 && consistent;
    }
}

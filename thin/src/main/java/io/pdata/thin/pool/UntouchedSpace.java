package io.pdata.thin.pool;

import io.pdata.core.device.Device;

/**
 * Which free blocks of a data device have no storage yet, and therefore read as zeroes: what a write does not cover of them
 * need not be zeroed.
 *
 * <p>Invariant: nothing has been stored in {@code [begin, end)} since the device was asked, because every block that is
 * handed out is named here, in the order in which they are. Blocks are mostly handed out in ascending order, so the
 * device is asked once for a long run of them.
 *
 * <p>Used by whoever holds the pool's lock.
 */
final class UntouchedSpace {
    private final Device data;
    private final long blockBytes;
    private long begin;
    private long end;

    UntouchedSpace(Device data, long blockBytes) {
        this.data = data;
        this.blockBytes = blockBytes;
    }

    /** A block is handed out; says whether all of it is known to read as zeroes. */
    boolean handOut(long block) {
        if (block < begin || block >= end) {
            begin = block;
            end = data.nextData(block * blockBytes) / blockBytes;
        }
        boolean untouched = block < end;
        begin = block + 1;
        return untouched;
    }

    /** Blocks that were in use have become free: the device is asked again. */
    void freed() {
        end = begin;
    }
}

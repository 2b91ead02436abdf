package io.pdata.thin.pool;

/**
 * Says once that few data blocks are free, and once more after the pool has grown.
 *
 * <p>All methods are for whoever holds the pool's lock. Source: format document "thin", section 6.
 */
final class LowWater {
    private final long mark;
    private final PoolEvents events;
    private boolean said;

    /** @param mark how many free blocks are few */
    LowWater(long mark, PoolEvents events) {
        this.mark = mark;
        this.events = events;
    }

    /** A block is about to be taken, of so many that are free. */
    void allocating(long free) {
        if (!said && free <= mark) {
            said = true;
            events.lowOnData(free);
        }
    }

    /** There are more blocks now. */
    void grown() {
        said = false;
    }
}

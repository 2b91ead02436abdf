package io.pdata.thin.pool;

import java.util.function.LongConsumer;

/**
 * Says that there is little left of something: once each time that the amount falls to a mark, and again only after it has
 * been above the mark by an eighth.
 *
 * <p>Used under the pool's lock. Source: format document "thin", section 6.
 */
final class LowWater {
    private static final int REARM_PART = 8;

    private final LongConsumer say;
    private volatile boolean low;

    LowWater(LongConsumer say) {
        this.say = say;
    }

    /** Notes the free space. */
    void check(long left, long mark) {
        if (!low && left <= mark) {
            low = true;
            say.accept(left);
        } else if (low && left > mark + mark / REARM_PART) {
            low = false;
        }
    }

    /** Whether there is little left. Any thread. */
    boolean isLow() {
        return low;
    }
}

package io.pdata.core.spacemap;

/**
 * Calls back when the free count has come down to a threshold: once, until it has been above it again. Source: format
 * document "persistent-data", section 5.9.
 */
final class LowSpaceAlarm {
    private long threshold = -1;
    private Runnable callback;
    private boolean low;
    private boolean due;

    void set(long newThreshold, Runnable newCallback) {
        threshold = newThreshold;
        callback = newCallback;
        forget();
    }

    /** Begins anew, as if nothing had been allocated yet. */
    void forget() {
        low = false;
        due = false;
    }

    /** Said after each allocation. */
    void allocated(long free) {
        boolean lowNow = free <= threshold;
        due |= lowNow && !low;
        low = lowNow;
    }

    /** Calls back if need be; said when the map is at rest, so that the callback may use it. */
    void ring() {
        if (due) {
            due = false;
            callback.run();
        }
    }
}

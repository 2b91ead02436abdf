package io.pdata.server;

import io.pdata.thin.pool.PoolMode;
import io.pdata.thin.pool.PoolStatus;
import io.pdata.thin.pool.PoolWarning;

/**
 * Why a pool is not, or will soon not be, able to do everything.
 *
 * @param reason for people; empty if there is nothing to say
 * @param remedy what to do about it
 */
record PoolCondition(String reason, String remedy) {
    static final PoolCondition FINE = new PoolCondition("", "");

    static PoolCondition of(PoolStatus now) {
        if (now.mode() != PoolMode.WRITE) {
            return of(now.mode());
        }
        return now.warnings().stream().findFirst().map(PoolCondition::of).orElse(FINE);
    }

    static PoolCondition of(PoolMode mode) {
        return switch (mode) {
        case WRITE -> FINE;
        case OUT_OF_DATA_SPACE -> new PoolCondition("out of data space: writes that need a new block wait or fail",
                "make room with 'pdata pool resize --data-size', or delete volumes or snapshots");
        case OUT_OF_METADATA_SPACE -> new PoolCondition(
                "out of metadata space: writes that need a new block fail, volumes cannot be made",
                "make room with 'pdata pool resize --metadata-size', or delete volumes or snapshots");
        case READ_ONLY -> new PoolCondition(
                "read-only: a change of the metadata has failed, or the pool is marked as in need of a check",
                "stop the server and run 'pdata pool check --clear-needs-check'");
        case FAIL -> new PoolCondition("failed: the metadata can no longer be read",
                "stop the server and run 'pdata pool check'");
        };
    }

    static PoolCondition of(PoolWarning warning) {
        return switch (warning) {
        case LOW_ON_DATA -> new PoolCondition("low on data space",
                "make room with 'pdata pool resize --data-size', or delete volumes or snapshots");
        case LOW_ON_METADATA -> new PoolCondition("low on metadata space",
                "make room with 'pdata pool resize --metadata-size', or delete volumes or snapshots");
        case LOW_ON_STORAGE -> new PoolCondition("the file system of the data file is nearly full",
                "free room in the file system, or delete volumes or snapshots");
        };
    }

    /** As one line, after more about the reason. */
    String line(String detail) {
        return reason + detail + "; " + remedy;
    }
}

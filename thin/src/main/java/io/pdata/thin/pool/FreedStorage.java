package io.pdata.thin.pool;

import io.pdata.core.device.Device;
import io.pdata.core.device.DeviceException;
import java.util.Arrays;

/**
 * The data blocks that a commit frees, as runs. Once it is durable, and before anything is allocated again, their storage
 * goes back to the data device.
 *
 * <p>The kernel does not wait for the commit. But a block that was shared until this transaction broke the sharing is, after
 * a crash, a block with somebody's flushed data again. Nor does it give storage back when a volume is deleted.
 *
 * <p>Bounded: of more than {@value #MOST_RUNS} runs the rest is kept by the data device until the blocks are used again.
 */
final class FreedStorage {
    private static final int MOST_RUNS = 1 << 20;

    private final Device data;
    private final long blockBytes;
    /** Begin and end of each run. */
    private long[] runs = new long[64];
    private int count;

    FreedStorage(Device data, long blockBytes) {
        this.data = data;
        this.blockBytes = blockBytes;
    }

    /** A block is free after the commit that is under way; above all named before. */
    void add(long block) {
        if (count > 0 && runs[2 * count - 1] == block) {
            runs[2 * count - 1]++;
            return;
        }
        if (count == MOST_RUNS) {
            return;
        }
        if (2 * count == runs.length) {
            runs = Arrays.copyOf(runs, 2 * runs.length);
        }
        runs[2 * count] = block;
        runs[2 * count + 1] = block + 1;
        count++;
    }

    /** The commit has failed: they are in use as before. */
    void forget() {
        count = 0;
    }

    /**
     * The commit is durable; nobody can have allocated anything since.
     *
     * @throws DeviceException if the device does not take some of it back: nothing else is wrong then
     */
    void giveBack() {
        int runsNow = count;
        count = 0;
        for (int i = 0; i < runsNow; i++) {
            long begin = runs[2 * i] * blockBytes;
            data.discard(begin, runs[2 * i + 1] * blockBytes - begin);
        }
    }
}

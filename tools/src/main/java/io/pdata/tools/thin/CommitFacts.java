package io.pdata.tools.thin;

import io.pdata.thin.DeviceDetails;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * What the content of two commits proves of their order. Space maps only grow. The clock of a pool and its transaction id only
 * go up: a device that only one of two commits has was either created after the other, at a time and transaction not before
 * the latest in it, or deleted after the first. The creation and the last snapshot of a device in both are never later in the
 * earlier one. Memory: the details of each commit that has been asked for.
 */
final class CommitFacts {
    private final PoolRoots trees;
    private final ToLongFunction<Commit> latestMapping;
    private final Map<Long, Details> details = new HashMap<>();

    private record Details(Map<Long, DeviceDetails> devices, long time, long transactionId, long mappings) {}

    /** @param latestMapping gives the latest time of a commit's mappings */
    CommitFacts(PoolRoots trees, ToLongFunction<Commit> latestMapping) {
        this.trees = trees;
        this.latestMapping = latestMapping;
    }

    /** Whether one commit cannot have been made before another. */
    boolean contradict(Commit earlier, Commit later) {
        if (earlier.bitmaps() > later.bitmaps() || earlier.dataBitmaps() > later.dataBitmaps()) {
            return true;
        }
        Details before = details(earlier);
        Details after = details(later);
        if (before == after) {
            return false;
        }
        long time = Math.max(before.time(), latestMapping.applyAsLong(earlier));
        for (Map.Entry<Long, DeviceDetails> entry : after.devices().entrySet()) {
            DeviceDetails now = entry.getValue();
            DeviceDetails then = before.devices().get(entry.getKey());
            if (then == null
                    ? time(now.creationTime()) < time
                            || Long.compareUnsigned(now.transactionId(), before.transactionId()) < 0
                    : time(now.creationTime()) < time(then.creationTime())
                            || time(now.snapshottedTime()) < time(then.snapshottedTime())
                            || Long.compareUnsigned(now.transactionId(), then.transactionId()) < 0) {
                return true;
            }
        }
        return false;
    }

    /** Counts the mappings of a commit, shared ones once for each device. */
    long mappings(Commit commit) {
        return details(commit).mappings();
    }

    private static long time(int time) {
        return Integer.toUnsignedLong(time);
    }

    private Details details(Commit commit) {
        return details.computeIfAbsent(commit.detailsRoot(), root -> {
            Map<Long, DeviceDetails> devices = new HashMap<>();
            long time = 0;
            long transactionId = 0;
            long mappings = 0;
            for (PoolRoots.Detailed device : trees.detailed(root).devices()) {
                DeviceDetails each = device.details();
                devices.put(device.id(), each);
                mappings += each.mappedBlocks();
                time = Math.max(time, time(each.snapshottedTime()));
                if (Long.compareUnsigned(each.transactionId(), transactionId) > 0) {
                    transactionId = each.transactionId();
                }
            }
            return new Details(devices, time, transactionId, mappings);
        });
    }
}

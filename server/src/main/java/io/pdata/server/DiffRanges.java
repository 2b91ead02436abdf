package io.pdata.server;

import io.pdata.thin.Difference;
import java.util.ArrayList;
import java.util.List;

/** Collects differences as ranges of bytes, neighbours of one kind as one, until there are enough for an answer. */
final class DiffRanges implements Difference.Visitor {
    private static final long NO_MORE = -1;

    private final long blockSize;
    private final List<DiffRange> ranges = new ArrayList<>();
    private long next = NO_MORE;

    DiffRanges(long blockSize) {
        this.blockSize = blockSize;
    }

    @Override
    public boolean visit(Difference difference, long begin, long length, long left, long right) {
        String kind = switch (difference) {
        case LEFT_ONLY -> DiffRange.REMOVED;
        case RIGHT_ONLY -> DiffRange.ADDED;
        case DIFFERENT -> DiffRange.CHANGED;
        case SAME -> throw new IllegalArgumentException("not asked for");
        };
        DiffRange range = new DiffRange(begin * blockSize, length * blockSize, kind);
        DiffRange last = ranges.isEmpty() ? null : ranges.getLast();
        if (last != null && last.kind().equals(kind) && last.offset() + last.length() == range.offset()) {
            ranges.set(ranges.size() - 1, new DiffRange(last.offset(), last.length() + range.length(), kind));
        } else if (ranges.size() == DiffReport.MOST_RANGES) {
            next = range.offset();
            return false;
        } else {
            ranges.add(range);
        }
        return true;
    }

    DiffReport report() {
        return new DiffReport(blockSize, List.copyOf(ranges), next);
    }
}

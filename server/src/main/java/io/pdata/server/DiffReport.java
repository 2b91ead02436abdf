package io.pdata.server;

import java.util.List;

/**
 * In what two volumes differ, or a part of that.
 *
 * @param blockSize what ranges are multiples of, in bytes
 * @param ranges in ascending order, neighbours of one kind as one
 * @param next where the rest begins, in bytes; -1 if this is all
 */
public record DiffReport(long blockSize, List<DiffRange> ranges, long next) {
    /** How many ranges there are in one part at most. */
    public static final int MOST_RANGES = 10_000;
}

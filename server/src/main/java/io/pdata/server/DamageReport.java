package io.pdata.server;

import java.util.List;

/**
 * The unreadable part of a volume. The rest is served.
 *
 * @param problem the first damage that was found: the metadata block, and why it is refused
 * @param ranges of the volume, at most {@value #MOST_RANGES}; empty if its mappings can be read, but not its details
 */
public record DamageReport(String problem, List<DamagedRange> ranges) {
    static final int MOST_RANGES = 1000;

    /** How many bytes cannot be read. */
    public long bytes() {
        return ranges.stream().mapToLong(DamagedRange::length).sum();
    }
}

package io.pdata.server;

import io.pdata.replication.Extraction;
import java.util.List;

/**
 * What was extracted of a volume. In bytes.
 *
 * @param size of the volume
 * @param data how much of it was not zeroes
 * @param lost how much could not be read, and is zeroes now
 * @param ranges where that is: offset and length; not more than the first {@link Extraction#MOST_LOST}
 * @param notes what had to be gone round to find the volume, or was guessed
 */
public record ExtractReport(long size, long data, long lost, List<LostRange> ranges, List<String> notes) {

    /** A range that is lost; in bytes. */
    public record LostRange(long offset, long length) {}

    public static ExtractReport of(Extraction.Report report, List<String> notes) {
        return new ExtractReport(report.size(), report.data(), report.lostBytes(),
                report.lost().stream().map(lost -> new LostRange(lost.position(), lost.length())).toList(),
                List.copyOf(notes));
    }
}

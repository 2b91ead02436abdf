package io.pdata.tools;

import java.util.ArrayList;
import java.util.List;

/**
 * What a repair could not keep. Of lost ranges, and of notes, the first {@value #KEPT} are remembered; all are counted. Not
 * thread-safe.
 */
public final class LossReport {
    /** How many ranges, and how many notes, are remembered. */
    public static final int KEPT = 10_000;

    private static final int PRINTED = 20;

    private final List<Range> ranges = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private long count;
    private long noteCount;

    /**
     * A range of something that is lost.
     *
     * @param what of what: "mappings", "dirty bits"...
     * @param first the first index
     * @param last the last index
     * @param block the metadata block that cannot be used, -1 if nothing leads to it any more
     * @param problem what is wrong with it
     */
    public record Range(String what, long first, long last, long block, String problem) {
        /** One line. */
        public String text() {
            return what + " " + first + " to " + last + " are lost: "
                    + (block < 0 ? "" : "metadata block " + block + ": ") + problem;
        }
    }

    public void lost(Range range) {
        count++;
        if (ranges.size() < KEPT) {
            ranges.add(range);
        }
    }

    /** Something that is not a range. */
    public void note(String text) {
        noteCount++;
        if (notes.size() < KEPT) {
            notes.add(text);
        }
    }

    /** Ranges in the order in which they were found; perhaps not all of them. */
    public List<Range> ranges() {
        return List.copyOf(ranges);
    }

    /** How many ranges are lost, remembered or not. */
    public long count() {
        return count;
    }

    /** Notes in the order in which they were made; perhaps not all of them. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /** Whether everything was kept as it was. */
    public boolean none() {
        return count == 0 && notes.isEmpty();
    }

    /** All of it, for people; of very many ranges only some. */
    public List<String> text() {
        List<String> lines = new ArrayList<>(notes.subList(0, Math.min(PRINTED, notes.size())));
        if (noteCount > lines.size()) {
            lines.add("... and " + (noteCount - lines.size()) + " more of that kind");
        }
        ranges.stream().limit(PRINTED).map(Range::text).forEach(lines::add);
        if (count > Math.min(PRINTED, ranges.size())) {
            lines.add("... and " + (count - Math.min(PRINTED, ranges.size())) + " more ranges");
        }
        return lines;
    }
}

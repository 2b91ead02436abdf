package io.pdata.tools.thin;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a repair kept, and what it could not keep, by device. Of ranges the first {@value #KEPT} are kept; all are counted.
 * Not thread-safe.
 */
public final class Losses {
    /** How many ranges are remembered. */
    public static final int KEPT = 10_000;
    /** What stands for a number of mappings that nothing is left to tell. */
    public static final long UNKNOWN = -1;

    /**
     * Virtual blocks of a device whose mappings, if there were any, are lost.
     *
     * @param first the first of them, unsigned
     * @param last the last of them, unsigned; 2^64 - 1 if there is nothing to say where they end
     * @param block the metadata block that cannot be used
     * @param problem what is wrong with it
     */
    public record Range(long first, long last, long block, String problem) {}

    /** What became of one device that lost something, or about which something had to be made up. */
    public static final class Device {
        private final long id;
        private long kept;
        private long expected = UNKNOWN;
        private long rangeCount;
        private final List<Range> ranges = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();

        private Device(long id) {
            this.id = id;
        }

        public long id() {
            return id;
        }

        /** How many mappings it has left. */
        public long kept() {
            return kept;
        }

        /** How many it had according to its details, or {@link #UNKNOWN}. */
        public long expected() {
            return expected;
        }

        /** The ranges that are lost, ascending; perhaps not all of them. */
        public List<Range> ranges() {
            return List.copyOf(ranges);
        }

        /** How many ranges are lost, remembered or not. */
        public long rangeCount() {
            return rangeCount;
        }

        /** What else is to be said. */
        public List<String> notes() {
            return List.copyOf(notes);
        }
    }

    private final Map<Long, Device> devices = new TreeMap<>(Long::compareUnsigned);
    private final List<String> notes = new ArrayList<>();
    private long devicesKept;
    private long mappingsKept;
    private int remembered;
    private boolean blockSizeLost;

    /** Something that concerns the whole pool. */
    void note(String text) {
        notes.add(text);
    }

    /** A device has been saved. */
    void kept(long id, long mappings, long expected) {
        devicesKept++;
        mappingsKept += mappings;
        if (mappings != expected && expected != UNKNOWN) {
            device(id);
        }
        Device known = devices.get(id);
        if (known != null) {
            known.kept = mappings;
            known.expected = expected;
        }
    }

    void note(long id, String text) {
        device(id).notes.add(text);
    }

    void lost(long id, long first, long last, long block, String problem) {
        Device device = device(id);
        Range before = device.ranges.isEmpty() ? null : device.ranges.getLast();
        if (before != null && before.block() == block && before.last() + 1 == first
                && before.problem().equals(problem)) {
            device.ranges.set(device.ranges.size() - 1, new Range(before.first(), last, block, problem));
            return;
        }
        device.rangeCount++;
        if (remembered < KEPT) {
            remembered++;
            device.ranges.add(new Range(first, last, block, problem));
        }
    }

    private Device device(long id) {
        return devices.computeIfAbsent(id, Device::new);
    }

    /** Records that the size of data blocks has to be given to a repair. */
    void blockSizeLost() {
        blockSizeLost = true;
    }

    /** Whether a repair needs to be given the size of data blocks, which was in the superblock only. */
    public boolean isBlockSizeLost() {
        return blockSizeLost;
    }

    /** The devices that lost something, ascending. */
    public List<Device> devices() {
        return List.copyOf(devices.values());
    }

    /** What is to be said of the whole pool. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /** How many devices there are now. */
    public long devicesKept() {
        return devicesKept;
    }

    /** How many mappings they have together; shared ones as often as they are shared. */
    public long mappingsKept() {
        return mappingsKept;
    }

    /** Whether anything is missing or had to be made up. */
    public boolean none() {
        return devices.isEmpty() && notes.isEmpty();
    }

    /** All of it, for people: a few lines for each device. */
    public List<String> text() {
        List<String> lines = new ArrayList<>(notes);
        for (Device device : devices.values()) {
            lines.add(summary(device));
            device.notes.forEach(note -> lines.add("  " + note));
            device.ranges.stream().limit(RANGES_PRINTED).forEach(range -> lines.add("  " + text(range)));
            if (device.rangeCount > Math.min(RANGES_PRINTED, device.ranges.size())) {
                lines.add("  ... and " + (device.rangeCount - Math.min(RANGES_PRINTED, device.ranges.size()))
                        + " more ranges");
            }
        }
        return lines;
    }

    private static final int RANGES_PRINTED = 20;

    private static String summary(Device device) {
        String text = "thin device " + Long.toUnsignedString(device.id) + ": " + device.kept + " mappings kept";
        if (device.expected == UNKNOWN) {
            return text;
        }
        long missing = device.expected - device.kept;
        return missing >= 0
                ? text + ", " + missing + " lost"
                : text + ", where its details say " + Long.toUnsignedString(device.expected);
    }

    private static String text(Range range) {
        return "virtual blocks " + Long.toUnsignedString(range.first())
                + (range.last() == -1 ? " and above" : " to " + Long.toUnsignedString(range.last()))
                + ": metadata block "
                + Long.toUnsignedString(range.block()) + ": " + range.problem();
    }
}

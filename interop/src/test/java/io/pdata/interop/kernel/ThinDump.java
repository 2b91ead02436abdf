package io.pdata.interop.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a {@code thin_dump} says, whichever way it says it: runs and shared parts are taken apart into single mappings,
 * so that the dumps of two tools can be compared for meaning.
 */
record ThinDump(long time, long transaction, long dataBlockSize, long dataBlocks, TreeMap<Integer, Device> devices) {

    /** One device. */
    record Device(long mappedBlocks, long transaction, long creationTime, long snapTime,
            TreeMap<Long, Mapping> mappings) {}

    /** Where one virtual block is, and since when. */
    record Mapping(long dataBlock, long time) {}

    /** A run of mappings, as both kinds of element say it. */
    private record Run(long begin, long dataBegin, long length, long time) {
        void into(TreeMap<Long, Mapping> mappings) {
            for (long i = 0; i < length; i++) {
                if (mappings.put(begin + i, new Mapping(dataBegin + i, time)) != null) {
                    throw new AssertionError("virtual block " + (begin + i) + " twice");
                }
            }
        }
    }

    static ThinDump parse(String xml) {
        Parser parser = new Parser();
        Xml.read(xml, parser::element);
        return parser.result;
    }

    private static final class Parser {
        private final Map<String, List<Run>> shared = new HashMap<>();
        private ThinDump result;
        private List<Run> definition;
        private TreeMap<Long, Mapping> mappings;

        void element(String name, Xml.Attributes with) {
            switch (name) {
            case "superblock" -> result = new ThinDump(with.number("time"), with.number("transaction"),
                    with.number("data_block_size"), with.number("nr_data_blocks"), new TreeMap<>());
            case "def" -> {
                definition = new ArrayList<>();
                shared.put(with.text("name"), definition);
            }
            case "device" -> {
                definition = null;
                mappings = new TreeMap<>();
                result.devices.put((int) with.number("dev_id"),
                        new Device(with.number("mapped_blocks"), with.number("transaction"),
                                with.number("creation_time"), with.number("snap_time"), mappings));
            }
            case "single_mapping" ->
                add(new Run(with.number("origin_block"), with.number("data_block"), 1, with.number("time")));
            case "range_mapping" -> add(new Run(with.number("origin_begin"), with.number("data_begin"),
                    with.number("length"), with.number("time")));
            case "ref" -> shared.get(with.text("name")).forEach(run -> run.into(mappings));
            default -> throw new AssertionError("unknown element " + name);
            }
        }

        private void add(Run run) {
            if (definition != null) {
                definition.add(run);
            } else {
                run.into(mappings);
            }
        }
    }
}

package io.pdata.fuzz.target;

import io.pdata.thin.ThinView;
import java.util.HashMap;
import java.util.Map;

/** All devices and mappings of a pool, one in a line, made from a view or from a dump. */
final class ThinListing {
    private final Map<String, String> shared = new HashMap<>();
    private StringBuilder out = new StringBuilder();

    private ThinListing() {}

    static String of(ThinView view) {
        ThinListing listing = new ThinListing();
        view.forEachDevice((id, details) -> {
            listing.device(Long.toUnsignedString(id), Long.toUnsignedString(details.mappedBlocks()));
            view.forEachMapping(id, (virtualBlock, dataBlock, time) -> {
                listing.mapping(virtualBlock, dataBlock, time);
                return true;
            });
            return true;
        });
        return listing.out.toString();
    }

    static String ofDump(String xml) {
        ThinListing listing = new ThinListing();
        StringBuilder devices = listing.out;
        String name = null;
        for (String line : xml.split("\n")) {
            String[] fields = line.split("\""); // the values of the attributes, in the order of the dump, at odd places
            switch (fields[0].strip()) {
            case "<def name=" -> {
                name = fields[1];
                listing.out = new StringBuilder();
            }
            case "</def>" -> {
                listing.shared.put(name, listing.out.toString());
                listing.out = devices;
            }
            case "<ref name=" -> listing.out.append(listing.shared.get(fields[1]));
            case "<device dev_id=" -> listing.device(fields[1], fields[3]);
            case "<single_mapping origin_block=" -> listing.run(fields[1], fields[3], "1", fields[5]);
            case "<range_mapping origin_begin=" -> listing.run(fields[1], fields[3], fields[5], fields[7]);
            default -> {
                // no mapping
            }
            }
        }
        return devices.toString();
    }

    private void run(String origin, String data, String length, String time) {
        long virtualBlock = Long.parseUnsignedLong(origin);
        long dataBlock = Long.parseUnsignedLong(data);
        long blocks = Long.parseUnsignedLong(length);
        for (long i = 0; i < blocks; i++) {
            mapping(virtualBlock + i, dataBlock + i, Long.parseUnsignedLong(time));
        }
    }

    private void device(String id, String mappedBlocks) {
        out.append("device ").append(id).append(' ').append(mappedBlocks).append('\n');
    }

    private void mapping(long virtualBlock, long dataBlock, long time) {
        out.append(virtualBlock).append(' ').append(dataBlock).append(' ').append(time).append('\n');
    }
}

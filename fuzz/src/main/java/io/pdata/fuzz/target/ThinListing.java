package io.pdata.fuzz.target;

import io.pdata.thin.ThinView;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** All devices and mappings of a pool, one in a line, made from a view or from a dump. */
final class ThinListing {
    private static final Pattern ATTRIBUTE = Pattern.compile("(\\w+)=\"(\\d+)\"");

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
            Map<String, String> attributes = attributes(line);
            switch (line.strip().split("[ >]")[0]) {
            case "<def" -> {
                name = attributes.get("name");
                listing.out = new StringBuilder();
            }
            case "</def" -> {
                listing.shared.put(name, listing.out.toString());
                listing.out = devices;
            }
            case "<ref" -> listing.out.append(listing.shared.get(attributes.get("name")));
            case "<device" -> listing.device(attributes.get("dev_id"), attributes.get("mapped_blocks"));
            case "<single_mapping" -> listing.run(attributes, "origin_block", "data_block", 1);
            case "<range_mapping" -> listing.run(attributes, "origin_begin", "data_begin",
                    Long.parseUnsignedLong(attributes.get("length")));
            default -> {
                // no mapping
            }
            }
        }
        return devices.toString();
    }

    private static Map<String, String> attributes(String line) {
        Map<String, String> found = new HashMap<>();
        Matcher matcher = ATTRIBUTE.matcher(line);
        while (matcher.find()) {
            found.put(matcher.group(1), matcher.group(2));
        }
        return found;
    }

    private void run(Map<String, String> attributes, String origin, String data, long length) {
        long virtualBlock = Long.parseUnsignedLong(attributes.get(origin));
        long dataBlock = Long.parseUnsignedLong(attributes.get(data));
        for (long i = 0; i < length; i++) {
            mapping(virtualBlock + i, dataBlock + i, Long.parseUnsignedLong(attributes.get("time")));
        }
    }

    private void device(String id, String mappedBlocks) {
        out.append("device ").append(id).append(' ').append(mappedBlocks).append('\n');
    }

    private void mapping(long virtualBlock, long dataBlock, long time) {
        out.append(virtualBlock).append(' ').append(dataBlock).append(' ').append(time).append('\n');
    }
}

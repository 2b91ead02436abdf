package io.pdata.era;

import io.pdata.testkit.Golden;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What an independent decoder, era_dump and era_invalidate found in a golden era image: the text beside it. */
record Recorded(String text) {
    private static final Pattern FIELD = Pattern.compile("'(\\w+)': (\\d+)");

    /** The names of all golden era images. */
    static List<String> names() {
        return Golden.files(Golden.folder(), ".img.xz").stream().map(Path::getFileName).map(Path::toString)
                .filter(name -> name.startsWith("era-")).map(name -> name.replace(".img.xz", "")).toList();
    }

    static Recorded of(String name) {
        return new Recorded(new String(Golden.bytes(Golden.folder(), name + ".txt"), StandardCharsets.UTF_8));
    }

    /** The numbers in the superblocks: the first one is the device's, the second one, if any, the snapshot's. */
    List<Map<String, Long>> superblocks() {
        return lines("   sb: ").map(line -> {
            Map<String, Long> fields = new HashMap<>();
            FIELD.matcher(line).results()
                    .forEach(m -> fields.put(m.group(1), Long.parseUnsignedLong(m.group(2))));
            return fields;
        }).toList();
    }

    /** What the decoder says of the device, and, from "snap:" on, of the metadata snapshot. */
    List<String> found() {
        return lines("   ").filter(line -> line.matches("   (writeset|era array|current writeset|snap).*"))
                .map(String::strip).toList();
    }

    /** What a tool printed; empty if it was not run. */
    String output(String tool) {
        int start = text.indexOf("----- " + tool + " 1.1.0 ");
        if (start < 0) {
            return "";
        }
        int end = text.indexOf("-----", text.indexOf('\n', start));
        return text.substring(start, end < 0 ? text.length() : end);
    }

    static List<MatchResult> all(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().toList();
    }

    private Stream<String> lines(String start) {
        return text.lines().filter(line -> line.startsWith(start));
    }
}

package io.pdata.thin;

import io.pdata.testkit.Golden;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an independent decoder found in a golden thin image: the lines "sb:", "devices" and "roots" of the text beside
 * it.
 */
record Recorded(Map<String, Long> superblock, Map<String, Long> heldSuperblock, Map<Long, DeviceDetails> devices,
        Map<Long, Long> roots, Map<String, Long> dataSpaceMap, Map<String, Long> metadataSpaceMap) {
    private static final Pattern FIELD = Pattern.compile("'(\\w+)': (\\d+)");
    private static final Pattern DEVICE = Pattern.compile("\\((\\d+), \\((\\d+), (\\d+), (\\d+), (\\d+)\\)\\)");
    private static final Pattern ROOT = Pattern.compile("\\((\\d+), (\\d+)\\)");

    /** The names of all golden thin images. */
    static List<String> names() {
        return Golden.files(Golden.folder(), ".img.xz").stream().map(Path::getFileName).map(Path::toString)
                .filter(name -> name.startsWith("thin-")).map(name -> name.replace(".img.xz", "")).toList();
    }

    static Recorded of(String name) {
        String text = new String(Golden.bytes(Golden.folder(), name + ".txt"), StandardCharsets.UTF_8);
        List<String> superblocks = linesAfter(text, "   sb: ");
        return new Recorded(fields(superblocks.getFirst()),
                superblocks.size() > 1 ? fields(superblocks.get(1)) : Map.of(),
                devices(linesAfter(text, "   devices ").getFirst()), roots(linesAfter(text, "   roots ").getFirst()),
                fields(linesAfter(text, "   data sm: ").getFirst()),
                fields(linesAfter(text, "   metadata sm: ").getFirst()));
    }

    private static List<String> linesAfter(String text, String start) {
        return text.lines().filter(line -> line.startsWith(start)).toList();
    }

    private static Map<String, Long> fields(String line) {
        Map<String, Long> fields = new HashMap<>();
        Matcher matcher = FIELD.matcher(line);
        while (matcher.find()) {
            fields.put(matcher.group(1), Long.parseUnsignedLong(matcher.group(2)));
        }
        return fields;
    }

    private static Map<Long, DeviceDetails> devices(String line) {
        Map<Long, DeviceDetails> devices = new TreeMap<>();
        Matcher matcher = DEVICE.matcher(line);
        while (matcher.find()) {
            List<Long> numbers = new ArrayList<>();
            for (int i = 1; i <= matcher.groupCount(); i++) {
                numbers.add(Long.parseUnsignedLong(matcher.group(i)));
            }
            devices.put(numbers.get(0), new DeviceDetails(numbers.get(1), numbers.get(2), numbers.get(3).intValue(),
                    numbers.get(4).intValue()));
        }
        return devices;
    }

    private static Map<Long, Long> roots(String line) {
        Map<Long, Long> roots = new TreeMap<>();
        Matcher matcher = ROOT.matcher(line);
        while (matcher.find()) {
            roots.put(Long.parseUnsignedLong(matcher.group(1)), Long.parseUnsignedLong(matcher.group(2)));
        }
        return roots;
    }
}

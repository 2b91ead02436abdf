package io.pdata.cache;

import io.pdata.testkit.Golden;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What an independent decoder and cache_dump found in a golden cache image: the text beside it. */
record Recorded(String text) {
    private static final Pattern FIELD = Pattern.compile("'(\\w+)': (\\d+)");
    private static final Pattern COUNT = Pattern.compile("(\\d+): (\\d+)");
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    /** The names of all golden cache images. */
    static List<String> names() {
        return Golden.files(Golden.folder(), ".img.xz").stream().map(Path::getFileName).map(Path::toString)
                .filter(name -> name.startsWith("cache-")).map(name -> name.replace(".img.xz", "")).toList();
    }

    static Recorded of(String name) {
        return new Recorded(new String(Golden.bytes(Golden.folder(), name + ".txt"), StandardCharsets.UTF_8));
    }

    /** The numbers in the superblock, by the decoder's names. */
    Map<String, Long> superblock() {
        Map<String, Long> fields = new HashMap<>();
        all(FIELD, line("   sb: ")).forEach(m -> fields.put(m.group(1), Long.parseUnsignedLong(m.group(2))));
        return fields;
    }

    String policy() {
        return all(Pattern.compile("'policy_name': b'(\\w*)'"), line("   sb: ")).getFirst().group(1);
    }

    /** How often each value occurs, as in {@code {1: 118, 3: 29}}; empty if there is no such line. */
    Map<Long, Long> counts(String start) {
        Map<Long, Long> counts = new TreeMap<>();
        String line = line(start);
        all(COUNT, line.substring(line.indexOf('{') + 1))
                .forEach(m -> counts.put(Long.parseLong(m.group(1)), Long.parseLong(m.group(2))));
        return counts;
    }

    /** All numbers in a line; empty if there is no such line. */
    List<Long> numbers(String start) {
        return all(NUMBER, line(start)).stream().map(m -> Long.parseLong(m.group())).toList();
    }

    /** What cache_dump 1.1.0 printed as {@code <mapping .../>}, or {@code <hint .../>}. (0.9.0 knows no dirty bitset.) */
    List<MatchResult> dumped(Pattern element) {
        String dump = text.substring(text.indexOf("<superblock"));
        return all(element, dump.substring(0, dump.indexOf("-----")));
    }

    boolean hasDump() {
        return text.contains("<superblock");
    }

    private String line(String start) {
        return text.lines().filter(line -> line.startsWith(start)).findFirst().orElse("");
    }

    private static List<MatchResult> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().toList();
    }
}

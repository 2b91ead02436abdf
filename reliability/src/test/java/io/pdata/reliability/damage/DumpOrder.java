package io.pdata.reliability.damage;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks at a dump of thin metadata as somebody who has to restore it: the mappings of each device must ascend. */
final class DumpOrder {
    private static final Pattern MAPPING = Pattern.compile(
            "<(single_mapping origin_block|range_mapping origin_begin)=\"(\\d+)\" data_\\w+=\"\\d+\"( length=\"(\\d+)\")?.*");
    private static final Pattern NAMED = Pattern.compile("<(def|ref|device) \\w+=\"(\\d+)\".*");

    private final Map<String, long[]> runs = new HashMap<>();
    private long first;
    private long end;

    private DumpOrder() {}

    /** What is wrong with a dump, or null. */
    static String problem(String dump) {
        DumpOrder order = new DumpOrder();
        String name = null;
        for (String line : dump.lines().map(String::strip).toList()) {
            Matcher named = NAMED.matcher(line);
            Matcher mapping = MAPPING.matcher(line);
            if (named.matches() && !named.group(1).equals("ref")) {
                order.first = -1;
                order.end = 0;
                name = named.group(2);
            } else if (line.equals("</def>")) {
                order.runs.put(name, new long[]{order.first, order.end});
            } else if (named.matches() && !order.append(order.runs.get(named.group(2)))
                    || mapping.matches() && !order.append(range(mapping))) {
                return "the dump goes back: " + line;
            }
        }
        return null;
    }

    private static long[] range(Matcher mapping) {
        long begin = Long.parseUnsignedLong(mapping.group(2));
        return new long[]{begin, begin + (mapping.group(4) == null ? 1 : Long.parseUnsignedLong(mapping.group(4)))};
    }

    /** Keys of damaged leaves can be anything, so everything is unsigned; an end of 0 is 2^64. */
    private boolean append(long[] range) {
        if (range[0] == -1 && range[1] == 0) {
            return true; // a run without mappings
        }
        boolean ascends = first == -1 || Long.compareUnsigned(range[0], end) >= 0 && end != 0;
        first = first == -1 ? range[0] : first;
        end = range[1];
        return ascends;
    }
}

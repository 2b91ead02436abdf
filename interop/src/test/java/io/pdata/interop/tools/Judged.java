package io.pdata.interop.tools;

import io.pdata.testkit.PeerTools;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What programs of others say of a pool's metadata. */
final class Judged {
    private Judged() {}

    /**
     * Requires that the checks of others pass. 1.1.0 is not asked where the only device has one data block at two places, which
     * a dump can say and no kernel makes: it counts the blocks of an only device in bits, and then misses the second user, also in
     * what it has itself restored (RestoreTest shows it).
     */
    static void sound(Path metadata) {
        PeerTools.run(PeerTools.CPP, "thin_check", metadata).succeeded();
        if (!onlyDeviceHasABlockTwice(metadata)) {
            PeerTools.run(PeerTools.RUST, "thin_check", metadata).succeeded();
        }
    }

    private static boolean onlyDeviceHasABlockTwice(Path metadata) {
        Map<Long, Map<Long, String>> devices = mappings(metadata);
        if (devices.size() != 1) {
            return false;
        }
        Set<String> seen = new HashSet<>();
        return !devices.values().iterator().next().values().stream().map(place -> place.split(" ")[0])
                .allMatch(seen::add);
    }

    /** What 0.9.0 dumps: of each device each virtual block with its data block and time, as "DATA at TIME". */
    static Map<Long, Map<Long, String>> mappings(Path metadata) {
        Map<Long, Map<Long, String>> devices = new TreeMap<>();
        Map<Long, String> device = null;
        for (String line : PeerTools.run(PeerTools.CPP, "thin_dump", metadata).succeeded().output().split("\n")) {
            if (line.contains("<device ")) {
                device = new TreeMap<>();
                devices.put(number(line, "dev_id"), device);
            } else if (line.contains("<single_mapping ")) {
                device.put(number(line, "origin_block"), number(line, "data_block") + " at " + number(line, "time"));
            } else if (line.contains("<range_mapping ")) {
                for (long i = 0; i < number(line, "length"); i++) {
                    device.put(number(line, "origin_begin") + i,
                            number(line, "data_begin") + i + " at " + number(line, "time"));
                }
            }
        }
        return devices;
    }

    private static long number(String line, String attribute) {
        int begin = line.indexOf(" " + attribute + "=\"") + attribute.length() + 3;
        return Long.parseLong(line.substring(begin, line.indexOf('"', begin)));
    }
}

package io.pdata.cli.thin;

import io.pdata.cli.tool.Json;
import io.pdata.tools.thin.RootCandidate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The states of a pool that a repair can choose from, numbered from 1. */
final class RootTable {
    private static final String ROW = "%6s  %12s  %12s  %8s  %11s  %7s  %10s  %7s  %s";

    private static final List<String> LEGEND = List.of("",
            "The best state is the first. --root NUMBER saves one, or --mapping-root and --details-root with its blocks.",
            "TIME and TRANSACTION are the latest in it; the pool's own can be later.",
            "MAPPINGS counts shared ones once for each device; DAMAGES counts the parts that cannot be read.",
            "STATE: 'whole' if each device has as many mappings as its details say, 'commit' if the counts of a space map are exactly",
            "its references, 'current' if the superblock names it.");

    private RootTable() {}

    static List<String> text(List<RootCandidate> roots) {
        List<String> lines = new ArrayList<>();
        lines.add(ROW.formatted("NUMBER", "MAPPING ROOT", "DETAILS ROOT", "TIME", "TRANSACTION", "DEVICES", "MAPPINGS",
                "DAMAGES", "STATE"));
        for (RootCandidate root : roots) {
            lines.add(ROW.formatted(lines.size(), root.mappingRoot(), root.detailsRoot() < 0 ? "-" : root.detailsRoot(),
                    root.time(), Long.toUnsignedString(root.transactionId()), root.devices(), root.mappings(),
                    root.damages(), state(root)));
        }
        lines.addAll(LEGEND);
        return lines;
    }

    private static String state(RootCandidate root) {
        return (root.whole() ? "whole" : root.damages() > 0 ? "damaged" : "details of another state")
                + (root.commit() != 0 ? ", commit" : "") + (root.current() ? ", current" : "");
    }

    static List<Map<String, Object>> json(List<RootCandidate> roots) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (RootCandidate root : roots) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("number", all.size() + 1);
            json.put("mapping_root", Json.unsigned(root.mappingRoot()));
            json.put("details_root", root.detailsRoot() < 0 ? null : root.detailsRoot());
            json.put("time", Json.unsigned(root.time()));
            json.put("transaction_id", Json.unsigned(root.transactionId()));
            json.put("devices", Json.unsigned(root.devices()));
            json.put("mappings", Json.unsigned(root.mappings()));
            json.put("damages", Json.unsigned(root.damages()));
            json.put("whole", root.whole());
            json.put("commit", root.commit() == 0 ? null : root.commit());
            json.put("current", root.current());
            all.add(json);
        }
        return all;
    }
}

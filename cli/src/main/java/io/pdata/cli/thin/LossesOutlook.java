package io.pdata.cli.thin;

import io.pdata.cli.tool.Json;
import io.pdata.cli.tool.Outlook;
import io.pdata.tools.ToolException;
import io.pdata.tools.thin.Losses;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What a repair of a pool keeps and loses, for people and for programs. */
final class LossesOutlook {
    private static final String BLOCK_SIZE = "--data-block-size SECTORS";

    private LossesOutlook() {}

    static Outlook of(Supplier<Losses> preview) {
        try {
            return of(preview.get());
        } catch (ToolException e) {
            return Outlook.nothing(e);
        }
    }

    static Outlook of(Losses losses) {
        return new Outlook(losses.devicesKept() + " devices with " + losses.mappingsKept() + " mappings"
                + (losses.none() ? ", which is everything" : ""), text(losses), json(losses));
    }

    private static List<String> text(Losses losses) {
        List<String> lines = new ArrayList<>(losses.text());
        if (losses.isBlockSizeLost()) {
            lines.add(
                    "SECTORS is the size of a data block in sectors of 512 bytes, which only the superblock knew: the number after"
                            + " the two devices in 'dmsetup table' of the pool, or what 'lvs --units s -o chunk_size' says");
        }
        return lines;
    }

    static Map<String, Object> json(Losses losses) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("possible", true);
        json.put("devices", losses.devicesKept());
        json.put("mappings", losses.mappingsKept());
        json.put("notes", losses.notes());
        if (losses.isBlockSizeLost()) {
            json.put(Outlook.NEEDED_OPTIONS, BLOCK_SIZE);
        }
        json.put("damaged_devices", losses.devices().stream().map(LossesOutlook::json).toList());
        return json;
    }

    private static Map<String, Object> json(Losses.Device device) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("dev_id", device.id());
        json.put("kept", device.kept());
        json.put("expected", device.expected() == Losses.UNKNOWN ? null : device.expected());
        json.put("notes", device.notes());
        json.put("lost_ranges", device.rangeCount());
        json.put("lost", device.ranges().stream().map(LossesOutlook::json).toList());
        return json;
    }

    private static Map<String, Object> json(Losses.Range range) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("first", Json.unsigned(range.first()));
        json.put("last", range.last() == -1 ? null : Json.unsigned(range.last()));
        json.put("block", range.block());
        json.put("problem", range.problem());
        return json;
    }
}

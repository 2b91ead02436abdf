package io.pdata.cli.thin;

import io.pdata.cli.tool.Json;
import io.pdata.cli.tool.Outlook;
import io.pdata.tools.ToolException;
import io.pdata.tools.thin.Losses;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** What a repair of a pool keeps and loses, for people and for programs. */
final class LossesOutlook {
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
                + (losses.none() ? ", which is everything" : ""), losses.text(), json(losses));
    }

    static Map<String, Object> json(Losses losses) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("possible", true);
        json.put("devices", losses.devicesKept());
        json.put("mappings", losses.mappingsKept());
        json.put("notes", losses.notes());
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

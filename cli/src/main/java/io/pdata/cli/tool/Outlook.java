package io.pdata.cli.tool;

import io.pdata.tools.LossReport;
import io.pdata.tools.ToolException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a repair keeps, or would keep.
 *
 * @param summary in a few words
 * @param losses what is lost, line by line
 * @param json all of it, for programs
 */
public record Outlook(String summary, List<String> losses, Map<String, Object> json) {

    /** That of a cache or an era device. */
    public static Outlook of(Supplier<LossReport> preview) {
        try {
            return of(preview.get());
        } catch (ToolException e) {
            return nothing(e);
        }
    }

    /** That of a cache or an era device. */
    public static Outlook of(LossReport losses) {
        return new Outlook(losses.none() ? "everything" : "everything but", losses.text(), json(losses));
    }

    /** The key of the options that a repair needs, if any. */
    public static final String NEEDED_OPTIONS = "needed_options";

    /** The options that a repair needs on its command line, each after a space. */
    public String neededOptions() {
        Object needed = json.get(NEEDED_OPTIONS);
        return needed == null ? "" : " " + needed;
    }

    /** Whether anything can be kept. */
    public boolean possible() {
        return !Boolean.FALSE.equals(json.get("possible"));
    }

    /** If nothing can be kept, and why. */
    public static Outlook nothing(ToolException why) {
        return new Outlook("nothing", List.of(why.getMessage()), Map.of("possible", false, "why", why.getMessage()));
    }

    private static Map<String, Object> json(LossReport losses) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("possible", true);
        json.put("notes", losses.notes());
        json.put("lost_ranges", losses.count());
        json.put("lost", losses.ranges().stream().map(Outlook::json).toList());
        return json;
    }

    private static Map<String, Object> json(LossReport.Range range) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("what", range.what());
        json.put("first", Json.unsigned(range.first()));
        json.put("last", Json.unsigned(range.last()));
        json.put("block", range.block() < 0 ? null : range.block());
        json.put("problem", range.problem());
        return json;
    }
}

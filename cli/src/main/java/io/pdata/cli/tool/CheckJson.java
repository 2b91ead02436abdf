package io.pdata.cli.tool;

import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The result of a check, for programs. */
final class CheckJson {
    private CheckJson() {}

    /**
     * All of it.
     *
     * @param results what the check says on standard output otherwise
     * @param outlook what a repair would keep, or null
     * @param next the command to run next, or null
     */
    static String of(Findings findings, Map<String, String> results, Outlook outlook, String next) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("verdict", verdict(findings));
        results.forEach(
                (name, value) -> json.put(name.toLowerCase(Locale.ROOT), Json.unsigned(Long.parseUnsignedLong(value))));
        for (Severity severity : Severity.values()) {
            json.put(name(severity) + "_findings", findings.count(severity));
        }
        json.put("findings", findings.all().stream().map(CheckJson::json).toList());
        json.put("repair", outlook == null ? null : outlook.json());
        json.put("next", next);
        return Json.of(json);
    }

    private static String verdict(Findings findings) {
        for (Severity severity : Severity.values()) {
            if (findings.count(severity) > 0) {
                return name(severity);
            }
        }
        return "clean";
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static Map<String, Object> json(Finding finding) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("severity", name(finding.severity()));
        json.put("kind", name(finding.kind()));
        json.put("structure", finding.structure());
        json.put("block", finding.block() < 0 ? null : finding.block());
        json.put("path", finding.path());
        json.put("problem", finding.problem());
        return json;
    }
}

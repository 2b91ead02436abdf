package io.pdata.tools.check;

import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Findings;
import io.pdata.tools.Report;

/**
 * The last step of a check of metadata without a data space map: compares the metadata space map, and prints it all.
 */
public final class MetadataCounts {
    private MetadataCounts() {}

    /** @param context has counted all references but those to the space map's own blocks */
    public static void compare(CheckContext context, SpaceMapCheck map, Report report) {
        Findings findings = context.findings();
        map.countOwnBlocks();
        boolean complete = findings.count(Kind.DAMAGE) == 0;
        if (complete) {
            map.compare(context.references());
        }
        findings.printTo(report);
        if (!complete) {
            report.problem("the space map was not compared: what is damaged may refer to any block");
        }
        map.summarise(report);
    }
}

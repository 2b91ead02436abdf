package io.pdata.server;

import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.Severity;
import io.pdata.tools.thin.ThinCheck;
import java.util.ArrayList;
import java.util.List;

/** Checks the metadata of a pool, all that there is to check. */
final class MetadataCheck {
    private MetadataCheck() {}

    static CheckReport of(MetadataFile metadata) {
        List<String> lines = new ArrayList<>();
        Findings findings = ThinCheck.check(metadata, ThinCheck.Options.FULL, problemsTo(lines));
        boolean clean = findings.count(Severity.FATAL) + findings.count(Severity.NON_FATAL) == 0;
        boolean marked = clean
                && metadata.superblock(ThinSuperblockLayout.VALIDATOR, ThinSuperblock::read).needsCheck();
        return new CheckReport(clean, marked, List.copyOf(lines));
    }

    private static Report problemsTo(List<String> lines) {
        return new Report() {
            @Override
            public void stage(String title) {
                // Whoever asked sees the whole at once.
            }

            @Override
            public void result(String line) {
                // Only what is wrong is of interest.
            }

            @Override
            public synchronized void problem(String line) {
                lines.add(line);
            }
        };
    }
}

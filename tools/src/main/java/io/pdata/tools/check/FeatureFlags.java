package io.pdata.tools.check;

import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;

/**
 * Says of a superblock's feature flags, of which none have a meaning yet, what the kernel makes of those that are set.
 * Source: format documents "thin" and "cache", section 1.
 */
public final class FeatureFlags {
    private FeatureFlags() {}

    /** @param target what cannot be used, or not be written: a pool, a cache */
    public static void check(String target, int incompat, int compatReadOnly, int compat, Findings findings) {
        if (incompat != 0) {
            add(findings, Severity.FATAL, "unknown features %x forbid using the " + target, incompat);
        }
        if (compatReadOnly != 0) {
            add(findings, Severity.FATAL, "unknown features %x forbid writing", compatReadOnly);
        }
        if (compat != 0) {
            add(findings, Severity.NOTICE, "unknown features %x, which may be ignored", compat);
        }
    }

    private static void add(Findings findings, Severity severity, String problem, int flags) {
        findings.add(Finding.of(severity, Kind.SUPERBLOCK, "superblock", String.format(problem, flags)));
    }
}

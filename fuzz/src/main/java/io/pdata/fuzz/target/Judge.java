package io.pdata.fuzz.target;

import io.pdata.core.device.PersistentDataException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.store.MetadataRefusedException;
import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;

/**
 * What is right and wrong of what a target sees. An {@link AssertionError}, or anything outside of the hierarchy of
 * {@link PersistentDataException}, is a finding.
 */
final class Judge {
    private Judge() {}

    /** Takes a step on metadata that may be damaged: it may be refused, in the way that callers are told about. */
    static boolean allows(Runnable step) {
        try {
            step.run();
            return true;
        } catch (PersistentDataException e) {
            return false; // refused, as promised
        }
    }

    /**
     * Takes a step; on metadata that the check has found clean it must not fail for what they say.
     *
     * @return whether it went through
     */
    static boolean allows(boolean clean, String step, Runnable work) {
        try {
            work.run();
            return true;
        } catch (NoSpaceException | MetadataRefusedException e) {
            return false;
        } catch (PersistentDataException e) {
            require(!clean, step + " fails on metadata that the check finds clean", e);
            return false;
        }
    }

    /** Whether a check found nothing that matters. */
    static boolean clean(Findings findings) {
        return findings != null && findings.count(Severity.FATAL) == 0 && findings.count(Severity.NON_FATAL) == 0;
    }

    /** The check must have found nothing that matters. */
    static void requireClean(Findings findings, String when) {
        require(findings != null, "there is no superblock " + when);
        for (Finding finding : findings.all()) {
            require(finding.severity() == Severity.NOTICE, "not clean " + when + ": " + finding.text());
        }
    }

    static void require(boolean holds, String what) {
        require(holds, what, null);
    }

    private static void require(boolean holds, String what, Throwable cause) {
        if (!holds) {
            throw new AssertionError(what, cause);
        }
    }
}

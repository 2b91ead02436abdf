package io.pdata.tools.cache;

import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheSuperblock;
import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.tools.Finding;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;

/** Checks the fields of a superblock that can be judged without looking at anything else. */
final class SuperblockCheck {
    private static final int KNOWN_FLAGS = CacheSuperblockLayout.CLEAN_SHUTDOWN | CacheSuperblockLayout.NEEDS_CHECK;
    /** A cache block has a multiple of this, and not more than {@link #MAX_SECTORS}. */
    private static final int SECTORS_STEP = 64;
    private static final int MAX_SECTORS = 2_097_152;

    private final Findings findings;

    private SuperblockCheck(Findings findings) {
        this.findings = findings;
    }

    static void check(CacheSuperblock superblock, Findings findings) {
        SuperblockCheck check = new SuperblockCheck(findings);
        check.features(superblock);
        check.geometry(superblock);
    }

    private void features(CacheSuperblock sb) {
        if ((sb.flags() & ~KNOWN_FLAGS) != 0) {
            add(Severity.NON_FATAL, String.format("flags %x are set that have no meaning", sb.flags() & ~KNOWN_FLAGS));
        }
        if (sb.incompatFlags() != 0) {
            add(Severity.FATAL, String.format("unknown features %x forbid using the cache", sb.incompatFlags()));
        }
        if (sb.compatReadOnlyFlags() != 0) {
            add(Severity.FATAL, String.format("unknown features %x forbid writing", sb.compatReadOnlyFlags()));
        }
        if (sb.compatFlags() != 0) {
            add(Severity.NOTICE, String.format("unknown features %x, which may be ignored", sb.compatFlags()));
        }
        if (sb.separateDirtyBits() && sb.dirtyRoot() == 0) {
            add(Severity.FATAL, "dirty bitset not found");
        }
        int hintSize = sb.policy().hintSize();
        if (hintSize != 0 && hintSize != CachePolicy.HINT_SIZE) {
            add(Severity.FATAL, "policy hint size is " + Integer.toUnsignedString(hintSize) + " instead of "
                    + CachePolicy.HINT_SIZE);
        }
    }

    private void geometry(CacheSuperblock sb) {
        long sectors = sb.dataBlockSectors();
        if (sectors < SECTORS_STEP || sectors > MAX_SECTORS || sectors % SECTORS_STEP != 0) {
            add(Severity.FATAL, "block size is " + sectors + " sectors, not a multiple of " + SECTORS_STEP + " up to "
                    + MAX_SECTORS);
        }
    }

    private void add(Severity severity, String problem) {
        findings.add(Finding.of(severity, Kind.SUPERBLOCK, "superblock", problem));
    }
}

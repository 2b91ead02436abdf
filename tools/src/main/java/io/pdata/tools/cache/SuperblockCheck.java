package io.pdata.tools.cache;

import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheSuperblock;
import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;
import io.pdata.tools.check.FeatureFlags;

/** Checks the fields of a superblock that can be judged without looking at anything else. */
final class SuperblockCheck {
    private static final int KNOWN_FLAGS = CacheSuperblockLayout.CLEAN_SHUTDOWN | CacheSuperblockLayout.NEEDS_CHECK;
    /** A cache block has a multiple of this, and not more than {@link #MAX_SECTORS}. */
    private static final int SECTORS_STEP = 64;
    private static final int MAX_SECTORS = 2_097_152;
    /** What {@link #isBlockSize} accepts, for messages. */
    static final String BLOCK_SIZES = "a multiple of " + SECTORS_STEP + " up to " + MAX_SECTORS;

    private final Findings findings;

    private SuperblockCheck(Findings findings) {
        this.findings = findings;
    }

    /** @param metadataBlockSectors the size of a metadata block, which nothing depends on */
    static void check(CacheSuperblock superblock, int metadataBlockSectors, Findings findings) {
        SuperblockCheck check = new SuperblockCheck(findings);
        check.features(superblock);
        check.geometry(superblock);
        check.policy(superblock.policy());
        if (metadataBlockSectors != CacheSuperblockLayout.SECTORS_PER_METADATA_BLOCK) {
            check.addRepairable("metadata block size is " + Integer.toUnsignedString(metadataBlockSectors)
                    + " sectors instead of " + CacheSuperblockLayout.SECTORS_PER_METADATA_BLOCK);
        }
    }

    private void features(CacheSuperblock sb) {
        if ((sb.flags() & ~KNOWN_FLAGS) != 0) {
            addRepairable(String.format("flags %x are set that have no meaning", sb.flags() & ~KNOWN_FLAGS));
        }
        FeatureFlags.check("cache", sb.incompatFlags(), sb.compatReadOnlyFlags(), sb.compatFlags(), findings);
        if (sb.separateDirtyBits() && sb.dirtyRoot() == 0) {
            add(Severity.FATAL, "dirty bitset not found");
        }
    }

    private void policy(CachePolicy policy) {
        int hintSize = policy.hintSize();
        if (hintSize != 0 && hintSize != CachePolicy.HINT_SIZE) {
            add(Severity.FATAL, "policy hint size is " + Integer.toUnsignedString(hintSize) + " instead of "
                    + CachePolicy.HINT_SIZE);
        }
        if (policy.name().length() >= CacheSuperblockLayout.POLICY_NAME_SIZE
                || !policy.name().chars().allMatch(c -> c > ' ' && c < 127)) {
            add(Severity.NOTICE, "policy name is no name, so its hints are of no use");
        }
    }

    /** Whether this is a valid size of cache blocks, in sectors. */
    static boolean isBlockSize(long sectors) {
        return sectors >= SECTORS_STEP && sectors <= MAX_SECTORS && sectors % SECTORS_STEP == 0;
    }

    private void geometry(CacheSuperblock sb) {
        long sectors = sb.dataBlockSectors();
        if (!isBlockSize(sectors)) {
            add(Severity.FATAL, "block size is " + sectors + " sectors, not " + BLOCK_SIZES);
        }
        if (sb.discardBlocks() > 0 && sb.discardBlockSectors() == 0) {
            add(Severity.FATAL, "discard block size is 0, but there are " + sb.discardBlocks() + " discard blocks");
        }
    }

    private void addRepairable(String problem) {
        findings.addRepairable(Finding.of(Severity.NON_FATAL, Kind.SUPERBLOCK, "superblock", problem));
    }

    private void add(Severity severity, String problem) {
        findings.add(Finding.of(severity, Kind.SUPERBLOCK, "superblock", problem));
    }
}

package io.pdata.tools.thin;

import io.pdata.core.space.SpaceMapRoot;
import io.pdata.thin.BlockTime;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.Severity;
import io.pdata.tools.ToolException;
import io.pdata.tools.check.FeatureFlags;

/** Checks the fields of a superblock that can be judged without looking at anything else. */
final class SuperblockCheck {
    /** A data block has a multiple of this, and not more than {@link #MAX_SECTORS}. */
    private static final int SECTORS_STEP = 128;
    private static final int MAX_SECTORS = 2_097_152;

    private final Findings findings;

    private SuperblockCheck(Findings findings) {
        this.findings = findings;
    }

    /** @param held the copy in the metadata snapshot, or null if there is none */
    static void check(ThinSuperblock live, ThinSuperblock held, Findings findings) {
        SuperblockCheck check = new SuperblockCheck(findings);
        check.constants(live);
        check.features(live);
        check.time(live);
        if (held != null) {
            check.held(held, live);
        }
    }

    private void constants(ThinSuperblock sb) {
        int version = sb.version();
        if (version != ThinSuperblockLayout.CURRENT_VERSION && version != ThinSuperblockLayout.OLD_VERSION) {
            add(Severity.NOTICE, "version is " + unsigned(version) + ", which no kernel has written; it reads any");
        }
        int sectors = sb.dataBlockSectors();
        if (!isBlockSize(sectors)) {
            add(Severity.FATAL,
                    "data block size is " + unsigned(sectors) + " sectors, not a multiple of " + SECTORS_STEP
                            + " up to " + MAX_SECTORS);
        }
        if (sb.metadataBlockSectors() != ThinSuperblockLayout.SECTORS_PER_METADATA_BLOCK) {
            addRepairable("metadata block size is " + unsigned(sb.metadataBlockSectors())
                    + " sectors instead of " + ThinSuperblockLayout.SECTORS_PER_METADATA_BLOCK);
        }
        long blocks = sb.metadataSpaceMap().blocks();
        if (Long.compareUnsigned(sb.formattedBlocks(), blocks) > 0) {
            add(Severity.NOTICE, "was formatted with " + Long.toUnsignedString(sb.formattedBlocks())
                    + " metadata blocks, but has " + Long.toUnsignedString(blocks) + "; they never get fewer");
        }
    }

    /** Whether data blocks can have so many sectors. */
    static boolean isBlockSize(int sectors) {
        return sectors >= SECTORS_STEP && sectors <= MAX_SECTORS && sectors % SECTORS_STEP == 0;
    }

    /**
     * Refuses a size of data blocks that no pool can have.
     *
     * @throws ToolException saying so
     */
    static void requireBlockSize(int sectors) {
        if (!isBlockSize(sectors)) {
            throw new ToolException("invalid data block size: " + unsigned(sectors) + " sectors is not a multiple of "
                    + SECTORS_STEP + " up to " + MAX_SECTORS);
        }
    }

    private void features(ThinSuperblock sb) {
        if ((sb.flags() & ~ThinSuperblockLayout.NEEDS_CHECK) != 0) {
            addRepairable(String.format("flags %x are set that have no meaning",
                    sb.flags() & ~ThinSuperblockLayout.NEEDS_CHECK));
        }
        FeatureFlags.check("pool", sb.incompatFlags(), sb.compatReadOnlyFlags(), sb.compatFlags(), findings);
    }

    private void time(ThinSuperblock sb) {
        if (Integer.compareUnsigned(sb.time(), BlockTime.MAX_TIME) > 0) {
            add(Severity.FATAL, "time is " + unsigned(sb.time()) + ", which does not fit a mapping's 24 bits");
        }
    }

    private void held(ThinSuperblock held, ThinSuperblock live) {
        if (Integer.compareUnsigned(held.time(), live.time()) > 0) {
            findings.add(Finding.of(Severity.FATAL, Kind.FUTURE, "metadata snapshot",
                    "its time is " + unsigned(held.time()) + ", the pool's is " + unsigned(live.time())));
        }
        if (held.heldRoot() != 0 || !isZero(held.dataSpaceMap()) || !isZero(held.metadataSpaceMap())) {
            findings.add(Finding.of(Severity.NOTICE, Kind.SUPERBLOCK, "metadata snapshot",
                    "has space maps or a snapshot of its own, which it does not hold references to"));
        }
    }

    private static boolean isZero(SpaceMapRoot root) {
        return root.blocks() == 0 && root.allocated() == 0 && root.bitmapRoot() == 0 && root.overflowRoot() == 0;
    }

    private void addRepairable(String problem) {
        findings.addRepairable(Finding.of(Severity.NON_FATAL, Kind.SUPERBLOCK, "superblock", problem));
    }

    private void add(Severity severity, String problem) {
        findings.add(Finding.of(severity, Kind.SUPERBLOCK, "superblock", problem));
    }

    private static String unsigned(int value) {
        return Integer.toUnsignedString(value);
    }
}

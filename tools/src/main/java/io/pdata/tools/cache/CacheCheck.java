package io.pdata.tools.cache;

import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheSuperblock;
import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.block.Bytes;
import io.pdata.tools.Checked;
import io.pdata.tools.Finding.Kind;
import io.pdata.tools.Finding;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.Severity;
import io.pdata.tools.ToolException;
import io.pdata.tools.build.InPlaceRepair;
import io.pdata.tools.check.ArrayCheck;
import io.pdata.tools.check.BitsetEnd;
import io.pdata.tools.check.CheckContext;
import io.pdata.tools.check.MetadataCounts;
import io.pdata.tools.check.SpaceMapCheck;
import java.lang.foreign.MemorySegment;

/**
 * Checks the metadata of a cache: the superblock, every block of every array and bitset, the values of the mapping
 * array, and the metadata space map against counts made from scratch.
 *
 * <p>Dirty bits, hints and discards are only kept up at a clean shutdown, so what they say is only held against the
 * mappings after one.
 *
 * <p>Memory: the {@linkplain MetadataFile#CACHE_BYTES block cache}; a few bits for each metadata block; 29 bytes for
 * each node of the arrays' trees; and what {@link OriginBlocks} takes, at most 256 MiB. Source: format document
 * "cache", section 8.
 */
public final class CacheCheck {
    private static final String MAPPINGS = "mapping array";
    private static final String DIRTY = "dirty bitset";
    private static final String HINTS = "hint array";
    private static final String DISCARDS = "discard bitset";

    private final MetadataFile file;
    private final Options options;
    private final Report report;
    private final Findings findings = new Findings();
    private final CheckContext context;
    private InPlaceRepair repair;

    /**
     * What to check. Where something is left out, references cannot be counted either.
     *
     * @param superBlockOnly only the superblock
     * @param skipMappings not the mapping array, nor the dirty bitset
     * @param skipHints not the hint array
     * @param skipDiscards not the discard bitset
     */
    public record Options(boolean superBlockOnly, boolean skipMappings, boolean skipHints, boolean skipDiscards) {
        /** Everything. */
        public static final Options FULL = new Options(false, false, false, false);

        private boolean skipsAnything() {
            return skipMappings || skipHints || skipDiscards;
        }
    }

    private CacheCheck(MetadataFile file, Options options, Report report) {
        this.file = file;
        this.options = options;
        this.report = report;
        this.context = CheckContext.of(file, findings);
    }

    /**
     * Checks metadata.
     *
     * @return what is wrong with them
     * @throws ToolException if there is no superblock to begin with
     */
    public static Findings check(MetadataFile file, Options options, Report report) {
        return checkForRepair(file, options, report).findings();
    }

    /** As {@link #check}; a repair in place can follow. */
    public static Checked checkForRepair(MetadataFile file, Options options, Report report) {
        CacheCheck check = new CacheCheck(file, options, report);
        check.run();
        return new Checked(check.findings, check.repair == null
                ? null
                : (target, progress) -> check.repair.run(target, check.findings, progress, CacheCheck::amend));
    }

    /** Clears flags, and sets the fields that nothing depends on. */
    private static void amend(MemorySegment block) {
        int flags = block.get(Bytes.U32, CacheSuperblockLayout.FLAGS);
        block.set(Bytes.U32, CacheSuperblockLayout.FLAGS, flags & CacheSuperblockLayout.CLEAN_SHUTDOWN);
        block.set(Bytes.U32, CacheSuperblockLayout.METADATA_BLOCK_SECTORS,
                CacheSuperblockLayout.SECTORS_PER_METADATA_BLOCK);
    }

    private void run() {
        CacheSuperblock superblock = file.superblock(CacheSuperblockLayout.VALIDATOR, CacheSuperblock::read);
        int metadataBlockSectors = file.superblock(CacheSuperblockLayout.VALIDATOR,
                block -> block.get(Bytes.U32, CacheSuperblockLayout.METADATA_BLOCK_SECTORS));
        SuperblockCheck.check(superblock, metadataBlockSectors, findings);
        context.references().inc(0);
        if (!options.superBlockOnly()) {
            checkArrays(superblock);
        }
        if (options.superBlockOnly() || options.skipsAnything()) {
            findings.printTo(report);
        } else {
            SpaceMapCheck map = SpaceMapCheck.ofMetadata(context, superblock.spaceMap());
            repair = new InPlaceRepair(context, CacheSuperblockLayout.VALIDATOR, map,
                    CacheSuperblockLayout.SPACE_MAP_ROOT);
            MetadataCounts.compare(context, map, report);
        }
        if (findings.count(Severity.FATAL) > 0) {
            report.problem("metadata contains errors");
        }
    }

    private void checkArrays(CacheSuperblock superblock) {
        if (!options.skipMappings()) {
            checkMappings(superblock);
        }
        if (!options.skipHints() && superblock.hintRoot() != 0) {
            ArrayCheck hints = array(HINTS, CachePolicy.HINT_SIZE, superblock.hintRoot());
            long found = hints.values(HINTS, superblock.hintRoot(), ArrayCheck.ANY_LENGTH, (_, _, _) -> {});
            checkHintCount(superblock, found);
        }
        if (!options.skipDiscards() && superblock.discardRoot() != 0) {
            ArrayCheck discards = array(DISCARDS, Long.BYTES, superblock.discardRoot());
            discards.values(DISCARDS, superblock.discardRoot(), words(superblock.discardBlocks()),
                    new BitsetEnd(DISCARDS, superblock.discardBlocks(), findings));
        }
    }

    /** Until the next clean shutdown a cache that has been resized has hints for as many blocks as it had before. */
    private void checkHintCount(CacheSuperblock superblock, long found) {
        if (superblock.cleanShutdown() && found >= 0 && found != superblock.cacheBlocks()) {
            findings.add(Finding.of(Severity.NON_FATAL, Kind.VALUE, HINTS,
                    "has " + found + " values instead of " + superblock.cacheBlocks() + " after a clean shutdown"));
        }
    }

    private void checkMappings(CacheSuperblock superblock) {
        ArrayCheck mappings = array(MAPPINGS, Long.BYTES, superblock.mappingRoot());
        MappingCheck check = new MappingCheck(superblock, findings);
        long found = mappings.values(MAPPINGS, superblock.mappingRoot(), superblock.cacheBlocks(), check::values);
        if (found >= 0) {
            check.findDuplicates(
                    visitor -> mappings.values(MAPPINGS, superblock.mappingRoot(), superblock.cacheBlocks(), visitor));
        }
        if (superblock.separateDirtyBits() && superblock.dirtyRoot() != 0) {
            ArrayCheck dirty = array(DIRTY, Long.BYTES, superblock.dirtyRoot());
            DirtyCheck bits = new DirtyCheck(file, superblock, findings);
            BitsetEnd end = new BitsetEnd(DIRTY, superblock.cacheBlocks(), findings);
            dirty.values(DIRTY, superblock.dirtyRoot(), words(superblock.cacheBlocks()), (first, data, count) -> {
                bits.values(first, data, count);
                end.visit(first, data, count);
            });
            bits.finish();
        }
    }

    private ArrayCheck array(String structure, int valueSize, long root) {
        ArrayCheck check = new ArrayCheck(context, structure, valueSize);
        check.addRoot(root);
        check.walk();
        return check;
    }

    private static long words(long bits) {
        return Math.ceilDiv(bits, Long.SIZE);
    }
}

package io.pdata.tools.cache;

import io.pdata.cache.CacheMapping;
import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheSuperblock;
import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Bytes;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.salvage.ArraySalvage;
import io.pdata.tools.salvage.SuperblockCopy;
import java.util.ArrayList;
import java.util.List;

/**
 * The superblock that a repair of a cache works with. Of a damaged one the fields are used if they fit the trees: the mapping
 * array is whole, and the superblock or the hint array has exactly as many cache blocks. Then the cache counts as not
 * cleanly shut down, so that every block is dirty, because the flag that says otherwise may be the damage.
 *
 * @param superblock sound, corrected, or made of the fields that fit
 * @param notes the damage, and the consequences
 */
record CacheSuperblockSalvage(CacheSuperblock superblock, List<String> notes) {
    /** Flags of a mapping that have a meaning. */
    private static final int KNOWN_FLAGS = CacheMapping.VALID | CacheMapping.DIRTY;
    private static final long SECTORS_STEP = 64;
    private static final long MAX_SECTORS = 2_097_152;

    /**
     * Reads the superblock of a cache. A damaged one costs one pass over the mappings and the hints.
     *
     * @throws ToolException if the superblock is damaged and its fields do not fit the trees
     */
    static CacheSuperblockSalvage of(MetadataFile file) {
        SuperblockCopy copy = SuperblockCopy.read(file, CacheSuperblockLayout.VALIDATOR);
        CacheSuperblock found = CacheSuperblock.read(copy.block());
        return switch (copy.state()) {
        case SOUND -> new CacheSuperblockSalvage(found, List.of());
        case CORRECTED -> new CacheSuperblockSalvage(found, List.of(copy.problem()));
        case DAMAGED -> fitting(file, found, copy.problem());
        };
    }

    private static CacheSuperblockSalvage fitting(MetadataFile file, CacheSuperblock found, String problem) {
        long mapped = new ArraySalvage(file, CacheMapping.SIZE).wholeSize(found.mappingRoot(),
                (block, i) -> isMapping(block.get(Bytes.U64, ArrayBlock.valueOffset(i, CacheMapping.SIZE))));
        long hinted = found.hintRoot() == 0
                ? ArraySalvage.DAMAGED
                : new ArraySalvage(file, CachePolicy.HINT_SIZE).wholeSize(found.hintRoot(), (_, _) -> true);
        if (mapped <= 0 || mapped != found.cacheBlocks() && mapped != hinted) {
            throw new ToolException("bad checksum in superblock: " + problem
                    + "; its roots do not lead to a whole mapping array of its size, so the state of the cache is lost:"
                    + " discard the cache, or restore a dump with cache_restore");
        }
        if (!isBlockSize(found.dataBlockSectors())) {
            throw new ToolException("bad checksum in superblock: " + problem + "; its cache block size of "
                    + found.dataBlockSectors() + " sectors is not possible, so the mappings have no meaning");
        }
        List<String> notes = new ArrayList<>();
        notes.add(problem + "; the fields of the superblock are used, because they fit the mapping array");
        if (found.hintRoot() != 0 && hinted == ArraySalvage.DAMAGED) {
            notes.add("the superblock's hint root, block " + Long.toUnsignedString(found.hintRoot())
                    + ", leads to no hint array: all hints are left out");
        }
        return new CacheSuperblockSalvage(unclean(found, mapped, hinted), notes);
    }

    private static CacheSuperblock unclean(CacheSuperblock found, long cacheBlocks, long hinted) {
        boolean known = found.version() >= CacheSuperblockLayout.MIN_VERSION
                && found.version() <= CacheSuperblockLayout.MAX_VERSION;
        return new CacheSuperblock(known ? found.version() : CacheSuperblockLayout.MAX_VERSION, 0, 0, 0, 0,
                found.policy(), found.spaceMap(), found.mappingRoot(), found.dirtyRoot(),
                hinted == ArraySalvage.DAMAGED ? 0 : found.hintRoot(), found.discardRoot(), 0, 0,
                found.dataBlockSectors(), cacheBlocks, found.stats());
    }

    private static boolean isMapping(long value) {
        return value == 0 || CacheMapping.valid(value) && (CacheMapping.flags(value) & ~KNOWN_FLAGS) == 0;
    }

    private static boolean isBlockSize(long sectors) {
        return sectors >= SECTORS_STEP && sectors <= MAX_SECTORS && sectors % SECTORS_STEP == 0;
    }
}

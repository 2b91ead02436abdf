package io.pdata.cache;

import static io.pdata.cache.CacheSuperblockLayout.CACHE_BLOCKS;
import static io.pdata.cache.CacheSuperblockLayout.CLEAN_SHUTDOWN;
import static io.pdata.cache.CacheSuperblockLayout.COMPAT_FLAGS;
import static io.pdata.cache.CacheSuperblockLayout.COMPAT_RO_FLAGS;
import static io.pdata.cache.CacheSuperblockLayout.DATA_BLOCK_SECTORS;
import static io.pdata.cache.CacheSuperblockLayout.DIRTY_ROOT;
import static io.pdata.cache.CacheSuperblockLayout.DISCARD_BLOCKS;
import static io.pdata.cache.CacheSuperblockLayout.DISCARD_BLOCK_SECTORS;
import static io.pdata.cache.CacheSuperblockLayout.DISCARD_ROOT;
import static io.pdata.cache.CacheSuperblockLayout.FLAGS;
import static io.pdata.cache.CacheSuperblockLayout.HINT_ROOT;
import static io.pdata.cache.CacheSuperblockLayout.INCOMPAT_FLAGS;
import static io.pdata.cache.CacheSuperblockLayout.MAGIC;
import static io.pdata.cache.CacheSuperblockLayout.MAGIC_NUMBER;
import static io.pdata.cache.CacheSuperblockLayout.MAPPING_ROOT;
import static io.pdata.cache.CacheSuperblockLayout.METADATA_BLOCK_SECTORS;
import static io.pdata.cache.CacheSuperblockLayout.NEEDS_CHECK;
import static io.pdata.cache.CacheSuperblockLayout.READ_HITS;
import static io.pdata.cache.CacheSuperblockLayout.READ_MISSES;
import static io.pdata.cache.CacheSuperblockLayout.SECTORS_PER_METADATA_BLOCK;
import static io.pdata.cache.CacheSuperblockLayout.SEPARATE_DIRTY_VERSION;
import static io.pdata.cache.CacheSuperblockLayout.SPACE_MAP_ROOT;
import static io.pdata.cache.CacheSuperblockLayout.VERSION;
import static io.pdata.cache.CacheSuperblockLayout.WRITE_HITS;
import static io.pdata.cache.CacheSuperblockLayout.WRITE_MISSES;

import io.pdata.core.block.Bytes;
import io.pdata.core.space.SpaceMapRoot;
import java.lang.foreign.MemorySegment;

/**
 * What a superblock says: one committed state of a cache's metadata, or the one that the next commit is to write. Source: format document "cache", section 1.
 *
 * @param version 1 or 2
 * @param flags {@link CacheSuperblockLayout#CLEAN_SHUTDOWN}, {@link CacheSuperblockLayout#NEEDS_CHECK}
 * @param compatFlags features that may be ignored
 * @param compatReadOnlyFlags features that must be known to whoever changes the metadata
 * @param incompatFlags features that must be known to whoever reads the metadata
 * @param policy the policy at the last clean shutdown
 * @param spaceMap the root of the metadata space map
 * @param mappingRoot the array of mappings
 * @param dirtyRoot the bitset of dirty cache blocks; version 2 only
 * @param hintRoot the array of the policy's hints, 0 for none
 * @param discardRoot the bitset of discarded blocks
 * @param discardBlockSectors sectors for each bit of it; 0 before the first clean shutdown
 * @param discardBlocks bits in it
 * @param dataBlockSectors sectors of 512 bytes of a cache block
 * @param cacheBlocks the length of the mapping array, below 2^32
 * @param stats hits and misses up to the last clean shutdown
 */
public record CacheSuperblock(int version, int flags, int compatFlags, int compatReadOnlyFlags, int incompatFlags,
        CachePolicy policy, SpaceMapRoot spaceMap, long mappingRoot, long dirtyRoot, long hintRoot, long discardRoot,
        long discardBlockSectors, long discardBlocks, long dataBlockSectors, long cacheBlocks, CacheStats stats) {

    /** Decodes a block that its validator has passed. */
    public static CacheSuperblock read(MemorySegment block) {
        return new CacheSuperblock(block.get(Bytes.U32, VERSION), block.get(Bytes.U32, FLAGS),
                block.get(Bytes.U32, COMPAT_FLAGS), block.get(Bytes.U32, COMPAT_RO_FLAGS),
                block.get(Bytes.U32, INCOMPAT_FLAGS), CachePolicy.read(block), SpaceMapRoot.read(block, SPACE_MAP_ROOT),
                block.get(Bytes.U64, MAPPING_ROOT), block.get(Bytes.U64, DIRTY_ROOT), block.get(Bytes.U64, HINT_ROOT),
                block.get(Bytes.U64, DISCARD_ROOT), block.get(Bytes.U64, DISCARD_BLOCK_SECTORS),
                block.get(Bytes.U64, DISCARD_BLOCKS), unsigned(block, DATA_BLOCK_SECTORS),
                unsigned(block, CACHE_BLOCKS), new CacheStats(unsigned(block, READ_HITS), unsigned(block, READ_MISSES),
                        unsigned(block, WRITE_HITS), unsigned(block, WRITE_MISSES)));
    }

    /** Writes every field but block number and checksum, which are set when the block goes to the device. */
    public void write(MemorySegment block) {
        block.set(Bytes.U32, FLAGS, flags);
        block.set(Bytes.U64, MAGIC, MAGIC_NUMBER);
        block.set(Bytes.U32, VERSION, version);
        policy.write(block);
        spaceMap.write(block, SPACE_MAP_ROOT);
        block.set(Bytes.U64, MAPPING_ROOT, mappingRoot);
        block.set(Bytes.U64, HINT_ROOT, hintRoot);
        block.set(Bytes.U64, DISCARD_ROOT, discardRoot);
        block.set(Bytes.U64, DISCARD_BLOCK_SECTORS, discardBlockSectors);
        block.set(Bytes.U64, DISCARD_BLOCKS, discardBlocks);
        block.set(Bytes.U32, DATA_BLOCK_SECTORS, (int) dataBlockSectors);
        block.set(Bytes.U32, METADATA_BLOCK_SECTORS, SECTORS_PER_METADATA_BLOCK);
        block.set(Bytes.U32, CACHE_BLOCKS, (int) cacheBlocks);
        block.set(Bytes.U32, COMPAT_FLAGS, compatFlags);
        block.set(Bytes.U32, COMPAT_RO_FLAGS, compatReadOnlyFlags);
        block.set(Bytes.U32, INCOMPAT_FLAGS, incompatFlags);
        block.set(Bytes.U32, READ_HITS, (int) stats.readHits());
        block.set(Bytes.U32, READ_MISSES, (int) stats.readMisses());
        block.set(Bytes.U32, WRITE_HITS, (int) stats.writeHits());
        block.set(Bytes.U32, WRITE_MISSES, (int) stats.writeMisses());
        block.set(Bytes.U64, DIRTY_ROOT, dirtyRoot);
    }

    private static long unsigned(MemorySegment block, int offset) {
        return Integer.toUnsignedLong(block.get(Bytes.U32, offset));
    }

    /** Whether the last user shut down in order, so that dirty bits, hints and discards can be believed. */
    public boolean cleanShutdown() {
        return (flags & CLEAN_SHUTDOWN) != 0;
    }

    /** Whether an operation on the metadata failed once; they must be checked before they are changed again. */
    public boolean needsCheck() {
        return (flags & NEEDS_CHECK) != 0;
    }

    /** Whether dirty bits are in a bitset (version 2), not in the mappings (version 1). */
    public boolean separateDirtyBits() {
        return version >= SEPARATE_DIRTY_VERSION;
    }
}

package io.pdata.cache;

import io.pdata.core.array.ArrayCursor;
import io.pdata.core.array.ArrayReader;
import io.pdata.core.bitset.BitsetCursor;
import io.pdata.core.bitset.BitsetReader;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.transaction.BlockReader;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Reads one state of cache metadata: of the running transaction, or of a commit.
 *
 * <p>There are two ways to look at what is stored at a clean shutdown only - dirty bits, hints, discards. The
 * {@code stored...} methods give it as it is; the {@code load...} methods and {@link #allClean} give what a cache has
 * to believe: if it was not shut down in order since, every mapped block is dirty, no hint is valid and nothing is
 * discarded.
 *
 * <p>Any number of threads, as far as the {@link BlockReader} allows it. No lock is held while a visitor runs.
 * Everything read is checked: {@link io.pdata.core.block.CorruptionException}. Source: format document "cache",
 * sections 2 and 3.3.
 */
public final class CacheReader {
    private final CacheSuperblock superblock;
    private final boolean trusted;
    private final ArrayReader mappings;
    private final ArrayReader hints;
    private final BitsetReader bits;

    CacheReader(BlockReader blocks, CacheSuperblock superblock, boolean trusted) {
        this.superblock = superblock;
        this.trusted = trusted;
        this.mappings = new ArrayReader(blocks, CacheMapping.SIZE);
        this.hints = new ArrayReader(blocks, CachePolicy.HINT_SIZE);
        this.bits = new BitsetReader(blocks);
    }

    /** Gets a mapping as a cache has to take it. */
    @FunctionalInterface
    public interface MappingLoader {
        /**
         * @param hint the policy's hint, 0 if there is none
         * @param hintValid whether there is one
         */
        void mapping(long cacheBlock, long origin, boolean dirty, int hint, boolean hintValid);
    }

    /** Gets a mapping as it is stored. */
    @FunctionalInterface
    public interface MappingVisitor {
        void mapping(long cacheBlock, long origin, boolean dirty);
    }

    /** Gets a hint as it is stored. */
    @FunctionalInterface
    public interface HintVisitor {
        void hint(long cacheBlock, int hint);
    }

    /** Gets a run of blocks: {@code begin} included, {@code end} not. */
    @FunctionalInterface
    public interface RangeVisitor {
        void range(long begin, long end);
    }

    /** What the superblock of this state says, or is going to say. */
    public CacheSuperblock superblock() {
        return superblock;
    }

    /** Whether dirty bits, hints and discards are those of the present state. */
    public boolean trusted() {
        return trusted;
    }

    /** The origin block in a cache block, or -1 if it is unmapped. O(log blocks). */
    public long origin(long cacheBlock) {
        long value = value(cacheBlock);
        return CacheMapping.valid(value) ? CacheMapping.origin(value) : -1;
    }

    /** Whether a cache block is marked as dirty, in the mapping (version 1) or the bitset (version 2). O(log blocks). */
    public boolean storedDirty(long cacheBlock) {
        long value = value(cacheBlock);
        return superblock.separateDirtyBits()
                ? bits.test(superblock.dirtyRoot(), cacheBlock)
                : CacheMapping.dirty(value);
    }

    /** All valid mappings, in ascending order of cache blocks, with the dirty bits that are stored. */
    public void storedMappings(MappingVisitor visitor) {
        ArrayCursor mapping = mappings.cursor(superblock.mappingRoot(), superblock.cacheBlocks());
        BitsetCursor dirty = superblock.separateDirtyBits()
                ? bits.cursor(superblock.dirtyRoot(), superblock.cacheBlocks())
                : null;
        for (; mapping.valid(); mapping.next()) {
            long value = mapping.longValue();
            if (CacheMapping.valid(value)) {
                visitor.mapping(mapping.index(), CacheMapping.origin(value), dirty(dirty, mapping.index(), value));
            }
        }
    }

    private static boolean dirty(BitsetCursor separate, long cacheBlock, long value) {
        if (separate == null) {
            return CacheMapping.dirty(value);
        }
        separate.skip(cacheBlock - separate.index());
        return separate.value();
    }

    /** All hints that are stored, for mapped blocks and others, ascending; none if there is no hint array. */
    public void storedHints(HintVisitor visitor) {
        if (superblock.hintRoot() != 0) {
            long[] next = {0};
            hints.walk(superblock.hintRoot(), (index, block, offset) -> {
                requireNext(superblock, index, next[0]++);
                visitor.hint(index, block.get(Bytes.U32, offset));
                return true;
            });
        }
    }

    /**
     * Makes sure that no hint is missing, whoever reads them one after the other; the array is made as a whole.
     *
     * @throws CorruptionException if it is not hint {@code expected} that comes next
     */
    public static void requireNext(CacheSuperblock superblock, long index, long expected) {
        if (index != expected) {
            throw new CorruptionException(superblock.hintRoot(), "array",
                    "has no hint for cache block " + expected + ", but one for " + Long.toUnsignedString(index));
        }
    }

    /** The runs of discarded blocks that are stored, ascending, in discard blocks of the stored size. */
    public void storedDiscards(RangeVisitor visitor) {
        BitsetCursor cursor = bits.cursor(superblock.discardRoot(), superblock.discardBlocks());
        while (cursor.nextSet()) {
            long begin = cursor.index();
            do {
                cursor.next();
            } while (cursor.valid() && cursor.value());
            visitor.range(begin, cursor.index());
        }
    }

    /** All valid mappings, as a cache run by {@code policy} has to take them. */
    public void loadMappings(CachePolicy policy, MappingLoader loader) {
        boolean hinted = trusted && superblock.hintRoot() != 0
                && superblock.policy().hintSize() == CachePolicy.HINT_SIZE
                && policy.understandsHintsOf(superblock.policy());
        MemorySegment hint = MemorySegment.ofArray(new byte[CachePolicy.HINT_SIZE]);
        storedMappings((cacheBlock, origin, dirty) -> {
            // The hint array is as long as the cache was at the last clean shutdown: later blocks have none.
            boolean hintValid = hinted && hints.get(superblock.hintRoot(), cacheBlock, hint);
            loader.mapping(cacheBlock, origin, dirty || !trusted, hintValid ? hint.get(Bytes.U32, 0) : 0, hintValid);
        });
    }

    /**
     * The discarded part of the origin, as runs of discard blocks of another size, ascending; what covers such a block
     * in part only is left out.
     *
     * @param blockSectors sectors of a discard block now
     * @param blocks how many there are now
     */
    public void loadDiscards(long blockSectors, long blocks, RangeVisitor visitor) {
        if (blockSectors <= 0) {
            throw new IllegalArgumentException("discard blocks of " + blockSectors + " sectors");
        }
        if (!trusted) {
            return;
        }
        long storedSectors = superblock.discardBlockSectors();
        storedDiscards((first, last) -> {
            long begin = Math.ceilDiv(first * storedSectors, blockSectors);
            long end = Math.min(last * storedSectors / blockSectors, blocks);
            if (begin < end) {
                visitor.range(begin, end);
            }
        });
    }

    /** Whether no cache block in {@code [begin, end)} holds anything that the origin lacks. O(end - begin). */
    public boolean allClean(long begin, long end) {
        Objects.checkFromToIndex(begin, end, superblock.cacheBlocks());
        ArrayCursor mapping = mappings.cursor(superblock.mappingRoot(), superblock.cacheBlocks());
        mapping.skip(begin);
        for (; mapping.valid() && mapping.index() < end; mapping.next()) {
            long value = mapping.longValue();
            if (CacheMapping.valid(value) && (!trusted || storedDirty(mapping.index()))) {
                return false;
            }
        }
        return true;
    }

    private long value(long cacheBlock) {
        Objects.checkIndex(cacheBlock, superblock.cacheBlocks());
        return mappings.getLong(superblock.mappingRoot(), cacheBlock);
    }
}

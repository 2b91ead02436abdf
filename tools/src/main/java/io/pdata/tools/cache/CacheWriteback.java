package io.pdata.tools.cache;

import io.pdata.cache.CacheMapping;
import io.pdata.cache.CacheSuperblock;
import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.array.ArrayCursor;
import io.pdata.core.array.ArrayReader;
import io.pdata.core.bitset.BitsetCursor;
import io.pdata.core.bitset.BitsetReader;
import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.tools.BlockCopier;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.check.ReferenceCounts;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;

/**
 * Copies what a cache holds and its origin lacks to the origin, as {@code cache_writeback} of thin-provisioning-tools
 * does; the cache must not be in use, and its metadata must have passed a check. Of a cache that was not shut down in
 * order every block is copied, as nobody knows which are dirty.
 *
 * <p>Blocks are taken by the tens of thousands, and copied in the order of the origin, neighbours together, by several
 * threads. A run that fails is tried again block by block.
 *
 * <p>Memory: the copy buffers, 2 MiB for a batch, and what {@link ReferenceCounts} take for the blocks that failed.
 */
public final class CacheWriteback {
    private static final int SECTOR = 512;
    private static final int INDEX_BITS = 16;
    private static final int BATCH = 1 << INDEX_BITS;
    private static final int PAGE_SECTORS = 8;
    /** Positions on devices are signed. */
    private static final long MOST_SECTORS = Long.MAX_VALUE / SECTOR;

    private final MetadataFile file;
    private final CacheSuperblock superblock;
    private final BlockCopier copier;
    private final ReferenceCounts failed;
    private final AtomicLong copied = new AtomicLong();
    private final long[] batch = new long[BATCH];
    private final long[] batched = new long[BATCH];
    private int filled;

    /**
     * How to copy.
     *
     * @param fastOffset where the cache begins on the fast device, in sectors; whole pages
     * @param originOffset where the origin begins on its device, in sectors; whole pages
     * @param bufferBytes how much memory to use for copying; at least a little is taken
     * @param retries how often to try again what cannot be copied
     * @param oneDevice whether the metadata are at the start of the fast device, as in a cachevol of LVM
     */
    public record Options(long fastOffset, long originOffset, long bufferBytes, int retries, boolean oneDevice) {
        /** @throws ToolException if the offsets cannot be */
        public Options {
            if (fastOffset % PAGE_SECTORS != 0 || originOffset % PAGE_SECTORS != 0) {
                throw new ToolException("offsets must be page aligned");
            }
            if (fastOffset < 0 || originOffset < 0 || fastOffset > MOST_SECTORS || originOffset > MOST_SECTORS) {
                throw new ToolException("an offset is beyond the end of any device");
            }
        }

        /** Options for metadata and blocks on different devices. */
        public Options(long fastOffset, long originOffset, long bufferBytes, int retries) {
            this(fastOffset, originOffset, bufferBytes, retries, false);
        }

        /** The same for metadata at the start of the fast device. */
        public Options onOneDevice() {
            return new Options(fastOffset, originOffset, bufferBytes, retries, true);
        }
    }

    /** Gets a block that could not be copied. Several threads call at once. */
    @FunctionalInterface
    public interface FailureVisitor {
        void failed(long cacheBlock, long originBlock, String reason);
    }

    /**
     * Prepares to copy from a fast device to that of the origin.
     *
     * @throws ToolException if the blocks of the cache would begin within its metadata
     */
    public CacheWriteback(MetadataFile file, Device fast, Device origin, Options options, FailureVisitor failures) {
        this.file = file;
        this.superblock = file.superblock(CacheSuperblockLayout.VALIDATOR, CacheSuperblock::read);
        if (options.oneDevice()) {
            requireApart(fast, options.fastOffset());
        }
        long blockBytes = superblock.dataBlockSectors() * SECTOR;
        this.failed = new ReferenceCounts(superblock.cacheBlocks());
        this.copier = new BlockCopier(fast, options.fastOffset() * SECTOR, origin, options.originOffset() * SECTOR,
                blockBytes, options.bufferBytes(), options.retries(), new BlockCopier.Listener() {
                    @Override
                    public void copied(long blocks) {
                        copied.addAndGet(blocks);
                    }

                    @Override
                    public void failed(long source, long target, String reason) {
                        failed.inc(source);
                        failures.failed(source, target, reason);
                    }
                });
    }

    private void requireApart(Device fast, long fastOffset) {
        long metadataSectors = superblock.spaceMap().blocks() * Bytes.BLOCK_SIZE / SECTOR;
        if (fastOffset < metadataSectors && superblock.cacheBlocks() > 0) {
            throw new ToolException("the first " + metadataSectors + " sectors of " + fast.name()
                    + " are metadata, but the blocks of the cache are said to begin at sector " + fastOffset
                    + ": give the right --fast-device-offset");
        }
    }

    /** How many blocks are to be copied. O(cache blocks). */
    public long toCopy() {
        long[] count = {0};
        forEachToCopy((_, _) -> count[0]++);
        return count[0];
    }

    /** How many blocks have been copied so far. Any thread. */
    public long copied() {
        return copied.get();
    }

    /** Whether a block is not among those that could not be copied. */
    public LongPredicate writtenBack() {
        return block -> failed.get(block) == 0;
    }

    /** Copies all blocks that can be copied; what has been copied is durable then. Once. */
    public void copy() {
        try (copier) {
            forEachToCopy((cacheBlock, originBlock) -> {
                batched[filled] = cacheBlock;
                batch[filled] = originBlock << INDEX_BITS | filled;
                filled++;
                if (filled == BATCH) {
                    copyBatch();
                }
            });
            copyBatch();
            copier.finish();
        }
    }

    private void copyBatch() {
        Arrays.sort(batch, 0, filled); // origin blocks have 48 bits, so this is their order, but for the sign
        for (int i = 0; i < filled;) {
            long source = source(i);
            long target = target(i);
            int length = 1;
            while (i + length < filled && source(i + length) == source + length
                    && target(i + length) == target + length) {
                length++;
            }
            copier.copy(source, target, length);
            i += length;
        }
        copier.await();
        filled = 0;
    }

    private long source(int i) {
        return batched[(int) batch[i] & BATCH - 1];
    }

    private long target(int i) {
        return batch[i] >>> INDEX_BITS;
    }

    private interface MappingVisitor {
        void visit(long cacheBlock, long originBlock);
    }

    private void forEachToCopy(MappingVisitor visitor) {
        boolean all = !superblock.cleanShutdown();
        BitsetCursor dirtyBits = superblock.separateDirtyBits()
                ? new BitsetReader(file).cursor(superblock.dirtyRoot(), superblock.cacheBlocks())
                : null;
        ArrayCursor mapping = new ArrayReader(file, CacheMapping.SIZE).cursor(superblock.mappingRoot(),
                superblock.cacheBlocks());
        for (; mapping.valid(); mapping.next()) {
            long value = mapping.longValue();
            boolean dirty = dirtyBits == null ? CacheMapping.dirty(value) : dirtyBits.value();
            if (CacheMapping.valid(value) && (all || dirty)) {
                visitor.visit(mapping.index(), CacheMapping.origin(value));
            }
            if (dirtyBits != null) {
                dirtyBits.next();
            }
        }
    }
}

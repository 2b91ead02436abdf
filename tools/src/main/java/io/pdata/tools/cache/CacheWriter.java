package io.pdata.tools.cache;

import io.pdata.cache.CacheMapping;
import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheStats;
import io.pdata.cache.CacheSuperblock;
import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.array.ArrayBlock;
import io.pdata.core.device.Device;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.tools.ToolException;
import io.pdata.tools.build.ArrayWriter;
import io.pdata.tools.build.BitsetWriter;
import io.pdata.tools.build.MetadataWriter;
import java.util.BitSet;

/**
 * Makes the metadata of a cache. What cannot be in metadata is refused.
 *
 * <p>The new metadata are there when {@link #endCache} has returned; without it there are none ({@link
 * MetadataWriter}). They have no discards, and the policy is taken to be of the version that all of the kernel's are.
 *
 * <p>Memory: what {@link MetadataWriter} takes, 16 to 32 bytes for each mapping ({@link NumberSet}), and in version 2 a
 * bit for each cache block up to the last dirty one. Errors: {@link ToolException}. Not thread-safe. Source: format
 * documents "cache", and "tools-xml", sections 3 and 5.
 */
public final class CacheWriter implements CacheSink, AutoCloseable {
    private final MetadataWriter out;
    private final Options options;
    private final NumberSet origins = new NumberSet();
    private final BitSet dirtyBlocks = new BitSet();
    private CacheHeader cache;
    private CachePolicy policy;
    private ArrayWriter mappings;
    private ArrayWriter hints;
    private long discardRoot;
    private long mappingRoot;
    private long dirtyRoot;

    /**
     * How to write.
     *
     * @param version of the format, 1 or 2
     * @param cleanShutdown whether dirty flags and hints can be believed
     */
    public record Options(int version, boolean cleanShutdown) {}

    /** Writes to a device, which is closed together with this object; all of it is overwritten. */
    public CacheWriter(Device device, Options options) {
        this.out = new MetadataWriter(device);
        this.options = options;
    }

    @Override
    public void beginCache(CacheHeader header) {
        String name = header.policy();
        if (name.length() >= CacheSuperblockLayout.POLICY_NAME_SIZE || !name.chars().allMatch(c -> c > 0 && c < 128)) {
            throw new ToolException("invalid policy name: '" + name + "' is not at most 15 ASCII characters");
        }
        if (header.hintSize() != 0 && header.hintSize() != CachePolicy.HINT_SIZE) {
            throw new ToolException("invalid hint width: " + Integer.toUnsignedString(header.hintSize())
                    + " bytes, but only " + CachePolicy.HINT_SIZE + " can be stored");
        }
        if (!SuperblockCheck.isBlockSize(header.blockSectors())) {
            throw new ToolException("invalid block size: " + header.blockSectors() + " sectors is not "
                    + SuperblockCheck.BLOCK_SIZES);
        }
        if (header.cacheBlocks() / ArrayBlock.capacity(Long.BYTES) >= out.blocks()) {
            throw new ToolException("out of metadata space: the output has no room for " + header.cacheBlocks()
                    + " cache blocks");
        }
        cache = header;
        policy = new CachePolicy(name, CachePolicy.SMQ.major(), 0, 0, header.hintSize());
        discardRoot = new BitsetWriter(out).finish(0);
        mappings = new ArrayWriter(out, CacheMapping.SIZE);
    }

    @Override
    public void mapping(long cacheBlock, long originBlock, boolean dirty) {
        place(mappings, cacheBlock, "mappings");
        if (originBlock < 0 || originBlock >= CacheMapping.ORIGIN_LIMIT) {
            throw new ToolException("block out of bounds: origin block " + Long.toUnsignedString(originBlock)
                    + " is not below 2^48");
        }
        if (!origins.add(originBlock)) {
            throw new ToolException("origin block " + originBlock + " is mapped twice, the second time to cache block "
                    + cacheBlock);
        }
        boolean flagged = dirty && options.version() == 1;
        mappings.addLong(
                CacheMapping.pack(originBlock, flagged ? CacheMapping.VALID | CacheMapping.DIRTY : CacheMapping.VALID));
        if (dirty && !flagged) {
            dirtyBlocks.set((int) cacheBlock);
        }
    }

    private void place(ArrayWriter array, long cacheBlock, String what) {
        if (cacheBlock < 0 || cacheBlock >= cache.cacheBlocks() || cacheBlock > Integer.MAX_VALUE) {
            throw new ToolException(
                    "block out of bounds: cache block " + cacheBlock + " of " + what + ", but there are "
                            + cache.cacheBlocks());
        }
        if (cacheBlock < array.length()) {
            throw new ToolException("keys out of order: cache block " + cacheBlock + " of " + what
                    + " does not come after those before it");
        }
        array.fillTo(cacheBlock);
    }

    @Override
    public void beginHints() {
        mappings.fillTo(cache.cacheBlocks());
        mappingRoot = mappings.finish();
        if (options.version() >= CacheSuperblockLayout.SEPARATE_DIRTY_VERSION) {
            BitsetWriter bits = new BitsetWriter(out);
            for (int first = dirtyBlocks.nextSetBit(0); first >= 0;) {
                int end = dirtyBlocks.nextClearBit(first);
                bits.set(first, end - first);
                first = dirtyBlocks.nextSetBit(end);
            }
            dirtyRoot = bits.finish(cache.cacheBlocks());
        }
        hints = new ArrayWriter(out, CachePolicy.HINT_SIZE);
    }

    @Override
    public void hint(long cacheBlock, int hint) {
        place(hints, cacheBlock, "hints");
        hints.addInt(hint);
    }

    @Override
    public void endCache() {
        hints.fillTo(cache.cacheBlocks());
        long hintRoot = hints.finish();
        SpaceMapRoot spaceMap = out.writeSpaceMap();
        CacheSuperblock superblock = new CacheSuperblock(options.version(),
                options.cleanShutdown() ? CacheSuperblockLayout.CLEAN_SHUTDOWN : 0, 0, 0, 0, policy, spaceMap,
                mappingRoot, dirtyRoot, hintRoot, discardRoot, 0, 0, cache.blockSectors(), cache.cacheBlocks(),
                new CacheStats(0, 0, 0, 0));
        out.finish(CacheSuperblockLayout.VALIDATOR, superblock::write);
    }

    @Override
    public void close() {
        out.close();
    }
}

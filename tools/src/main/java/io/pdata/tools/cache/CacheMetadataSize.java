package io.pdata.tools.cache;

import io.pdata.core.block.Bytes;
import io.pdata.tools.MetadataLimit;
import io.pdata.tools.ToolException;

/** Estimates how much metadata a cache needs: for each block a mapping and a hint, and room for a transaction. */
public final class CacheMetadataSize {
    private static final long SMALLEST_BLOCK = 32 << 10;
    private static final long LARGEST_BLOCK = 1 << 30;
    private static final long TRANSACTION = 4 << 20;
    private static final long MAPPING = 16;
    private static final long HINT_KEY = 8;
    private static final long MOST = MetadataLimit.BLOCKS * Bytes.BLOCK_SIZE;

    private CacheMetadataSize() {}

    /**
     * How many blocks a cache has.
     *
     * @param deviceBytes the size of the fast device, unsigned
     * @param blockBytes the size of a block, unsigned
     * @throws ToolException if a cache cannot be like that
     */
    public static long blocks(long deviceBytes, long blockBytes) {
        if (blockBytes == 0 || blockBytes % SMALLEST_BLOCK != 0) {
            throw new ToolException("block size must be a multiple of 32 KiB");
        }
        if (Long.compareUnsigned(blockBytes, LARGEST_BLOCK) > 0) {
            throw new ToolException("maximum block size is 1 GiB");
        }
        if (Long.compareUnsigned(deviceBytes, blockBytes) < 0) {
            throw new ToolException("pool size must be larger than block size");
        }
        return Long.divideUnsigned(deviceBytes, blockBytes);
    }

    /**
     * The estimate in bytes; never more than a cache can use.
     *
     * @param blocks how many blocks the cache has, unsigned
     * @param hintBytes the most bytes that a policy keeps for each block, below 2^32
     */
    public static long estimate(long blocks, long hintBytes) {
        long perBlock = MAPPING + HINT_KEY + hintBytes;
        boolean more = Long.compareUnsigned(blocks, (MOST - TRANSACTION) / perBlock) > 0;
        return more ? MOST : TRANSACTION + blocks * perBlock;
    }
}

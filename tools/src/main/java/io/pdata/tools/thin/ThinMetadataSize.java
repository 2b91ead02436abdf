package io.pdata.tools.thin;

import io.pdata.tools.MetadataLimit;
import io.pdata.tools.ToolException;

/** Estimates how much metadata a thin pool needs: a leaf for every 126 mappings, and a root for every volume. */
public final class ThinMetadataSize {
    private static final long SMALLEST_BLOCK = 64 << 10;
    private static final long LARGEST_BLOCK = 1 << 30;
    /** Half of what a leaf has room for. */
    private static final long MAPPINGS_PER_LEAF = 126;

    private ThinMetadataSize() {}

    /**
     * The estimate in bytes; never more than a pool can use.
     *
     * @param poolBytes the size of the data device, unsigned
     * @param blockBytes the size of a data block, unsigned
     * @param volumes how many volumes there may be, unsigned
     * @throws ToolException if a pool cannot be like that
     */
    public static long estimate(long poolBytes, long blockBytes, long volumes) {
        if (blockBytes == 0 || blockBytes % SMALLEST_BLOCK != 0) {
            throw new ToolException("block size must be a multiple of 64 KiB");
        }
        if (Long.compareUnsigned(blockBytes, LARGEST_BLOCK) > 0) {
            throw new ToolException("maximum block size is 1 GiB");
        }
        if (Long.compareUnsigned(poolBytes, blockBytes) < 0) {
            throw new ToolException("pool size must be larger than block size");
        }
        long leaves = Math.ceilDiv(Long.divideUnsigned(poolBytes, blockBytes), MAPPINGS_PER_LEAF);
        boolean many = Long.compareUnsigned(volumes, MetadataLimit.BLOCKS) > 0;
        return MetadataLimit.bytes(many ? MetadataLimit.BLOCKS : 1 + leaves + volumes);
    }
}

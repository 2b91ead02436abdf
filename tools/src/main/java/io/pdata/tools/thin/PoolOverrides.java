package io.pdata.tools.thin;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What is to be put in the place of what metadata or their dump say of a pool. Numbers are unsigned.
 *
 * @param transactionId the pool's user's own number
 * @param dataBlockSectors the size of a data block in sectors of 512 bytes
 * @param dataBlocks how many data blocks there are at least: a pool is never made smaller by it
 */
public record PoolOverrides(OptionalLong transactionId, OptionalInt dataBlockSectors, OptionalLong dataBlocks) {
    /** Nothing. */
    public static final PoolOverrides NONE = new PoolOverrides(OptionalLong.empty(), OptionalInt.empty(),
            OptionalLong.empty());

    /** What a pool is said to be, and these instead. */
    public PoolHeader apply(PoolHeader pool) {
        long blocks = dataBlocks.orElse(0);
        return new PoolHeader(pool.time(), transactionId.orElse(pool.transactionId()), pool.flags(), pool.version(),
                dataBlockSectors.orElse(pool.dataBlockSectors()),
                Long.compareUnsigned(blocks, pool.dataBlocks()) > 0 ? blocks : pool.dataBlocks());
    }
}

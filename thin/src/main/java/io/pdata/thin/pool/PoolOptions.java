package io.pdata.thin.pool;

import io.pdata.core.store.MetadataStore;
import java.time.Duration;

/**
 * How a pool treats the data of its volumes; the features of the kernel's target (format document "thin", section 6).
 *
 * @param zeroNewBlocks whether what a first write does not cover of its block reads as zeroes, and not as what somebody
 *     had there before
 * @param discards whether discards unmap blocks; otherwise they are ignored
 * @param passDown whether storage that nobody uses any more is given back to the data device
 * @param errorIfNoSpace whether a write that finds no free data block fails at once, instead of waiting for some
 * @param noSpaceTimeout how long it waits; zero: for ever
 * @param lowWaterBlocks when a block is wanted and this few data blocks are free, the pool says so once; 0: when none is
 * @param commitPeriod how long a change stays uncommitted at most, if nobody asks for a flush
 * @param cacheBytes how much memory metadata blocks may take
 * @param readOnly whether the metadata are not to be changed; a pool is not formatted or grown then either
 */
public record PoolOptions(boolean zeroNewBlocks, boolean discards, boolean passDown, boolean errorIfNoSpace,
        Duration noSpaceTimeout, long lowWaterBlocks, Duration commitPeriod, long cacheBytes, boolean readOnly) {

    /** What the kernel does when nothing else is asked for. */
    public static PoolOptions defaults() {
        return new PoolOptions(true, true, true, false, Duration.ofSeconds(60), 0, Duration.ofSeconds(1),
                MetadataStore.DEFAULT_CACHE_BYTES, false);
    }

    public PoolOptions withZeroing(boolean wanted) {
        return new PoolOptions(wanted, discards, passDown, errorIfNoSpace, noSpaceTimeout, lowWaterBlocks, commitPeriod,
                cacheBytes, readOnly);
    }

    /** @param down whether storage is given back too; only if discards are wanted at all */
    public PoolOptions withDiscards(boolean wanted, boolean down) {
        return new PoolOptions(zeroNewBlocks, wanted, down, errorIfNoSpace, noSpaceTimeout, lowWaterBlocks,
                commitPeriod, cacheBytes, readOnly);
    }

    public PoolOptions withErrorIfNoSpace(boolean wanted) {
        return new PoolOptions(zeroNewBlocks, discards, passDown, wanted, noSpaceTimeout, lowWaterBlocks, commitPeriod,
                cacheBytes, readOnly);
    }

    public PoolOptions withNoSpaceTimeout(Duration timeout) {
        return new PoolOptions(zeroNewBlocks, discards, passDown, errorIfNoSpace, timeout, lowWaterBlocks, commitPeriod,
                cacheBytes, readOnly);
    }

    public PoolOptions withLowWater(long blocks) {
        return new PoolOptions(zeroNewBlocks, discards, passDown, errorIfNoSpace, noSpaceTimeout, blocks, commitPeriod,
                cacheBytes, readOnly);
    }

    public PoolOptions withCommitPeriod(Duration period) {
        return new PoolOptions(zeroNewBlocks, discards, passDown, errorIfNoSpace, noSpaceTimeout, lowWaterBlocks,
                period, cacheBytes, readOnly);
    }

    public PoolOptions withCache(long bytes) {
        return new PoolOptions(zeroNewBlocks, discards, passDown, errorIfNoSpace, noSpaceTimeout, lowWaterBlocks,
                commitPeriod, bytes, readOnly);
    }

    public PoolOptions withReadOnly(boolean wanted) {
        return new PoolOptions(zeroNewBlocks, discards, passDown, errorIfNoSpace, noSpaceTimeout, lowWaterBlocks,
                commitPeriod, cacheBytes, wanted);
    }
}

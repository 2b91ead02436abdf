package io.pdata.cache;

import java.util.Objects;
import java.util.function.LongPredicate;
import java.util.function.LongToIntFunction;

/**
 * What a cache knows in memory and stores at a clean shutdown only.
 *
 * @param dirty which cache blocks differ from the origin
 * @param discardBlockSectors sectors of a discard block
 * @param discardBlocks how many discard blocks the origin has
 * @param discarded which of them are discarded
 * @param stats hits and misses, those of earlier runs included
 * @param policy the policy in use
 * @param hint its hint for each cache block; not called if it has no hints
 */
public record ShutdownState(LongPredicate dirty, long discardBlockSectors, long discardBlocks, LongPredicate discarded,
        CacheStats stats, CachePolicy policy, LongToIntFunction hint) {

    public ShutdownState {
        Objects.requireNonNull(dirty);
        Objects.requireNonNull(discarded);
        Objects.requireNonNull(stats);
        Objects.requireNonNull(hint);
        policy.requireStorable();
        if (discardBlockSectors < 0 || discardBlocks < 0 || Math.multiplyHigh(discardBlockSectors, discardBlocks) != 0
                || discardBlockSectors * discardBlocks < 0) {
            throw new IllegalArgumentException(
                    discardBlocks + " discard blocks of " + discardBlockSectors + " sectors are not a device");
        }
    }
}

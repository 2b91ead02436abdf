package io.pdata.core.block;

/**
 * What a {@link BlockManager} has done since it was made. Hits are not counted: counting would cost more than a hit.
 *
 * @param frames how many blocks fit in the cache
 * @param dirty how many of them are dirty now
 * @param blocksRead blocks read from the device
 * @param evictions clean blocks that made room for others
 * @param blocksWritten blocks written to the device
 * @param writes write calls those took, after coalescing neighbours
 * @param writeBacks times that dirty blocks were written only to make room
 * @param flushes times the device was flushed
 */
public record BlockStats(int frames, int dirty, long blocksRead, long evictions, long blocksWritten, long writes,
        long writeBacks, long flushes) {}

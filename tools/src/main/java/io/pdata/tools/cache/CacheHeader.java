package io.pdata.tools.cache;

/**
 * What a dump says of a cache as a whole. Source: format document "tools-xml", section 3.
 *
 * @param blockSectors the size of a cache block in sectors of 512 bytes, below 2^32
 * @param cacheBlocks how many cache blocks there are, below 2^32
 * @param policy the name of the policy that ran the cache at its last clean shutdown
 * @param hintSize bytes of a hint, as stored: 4, or 0 before the first clean shutdown; unsigned
 */
public record CacheHeader(long blockSectors, long cacheBlocks, String policy, int hintSize) {}

package io.pdata.cache;

/**
 * Hits and misses of a cache since it was made. On disk each has 32 bits and wraps.
 *
 * @param readHits reads served from the cache
 * @param readMisses reads that went to the origin
 * @param writeHits writes to blocks that were in the cache
 * @param writeMisses writes that went to the origin
 */
public record CacheStats(long readHits, long readMisses, long writeHits, long writeMisses) {
    public static final CacheStats NONE = new CacheStats(0, 0, 0, 0);
}

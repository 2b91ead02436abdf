package io.pdata.tools.cache;

/**
 * Takes the content of a cache in the order of a document. It may become text, or metadata.
 *
 * <p>Calls: {@link #beginCache}; {@link #mapping}... by ascending cache block; {@link #beginHints}; {@link #hint}... by
 * ascending cache block; {@link #endCache}. A sink need not be thread-safe.
 */
public interface CacheSink {

    /** The cache as a whole; mappings follow. */
    void beginCache(CacheHeader cache);

    /** A cache block holds an origin block. */
    void mapping(long cacheBlock, long originBlock, boolean dirty);

    /** No more mappings; hints follow. */
    void beginHints();

    /** @param hint what the policy has noted of a cache block: 4 bytes as they are stored, read as a little-endian number */
    void hint(long cacheBlock, int hint);

    void endCache();
}

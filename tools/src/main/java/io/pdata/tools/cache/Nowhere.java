package io.pdata.tools.cache;

/** Takes a cache and forgets it. */
final class Nowhere implements CacheSink {
    @Override
    public void beginCache(CacheHeader cache) {}

    @Override
    public void mapping(long cacheBlock, long originBlock, boolean dirty) {}

    @Override
    public void beginHints() {}

    @Override
    public void hint(long cacheBlock, int hint) {}

    @Override
    public void endCache() {}
}

package io.pdata.reliability.workload;

import io.pdata.cache.CacheMetadata;
import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheReader;
import io.pdata.cache.CacheStats;
import io.pdata.cache.CacheSuperblock;
import io.pdata.cache.CacheView;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All that a cache's metadata say and that can be believed.
 *
 * @param cacheBlocks how many cache blocks there are
 * @param mappings the origin block in each cache block that has one
 * @param clean whether they say that the cache was shut down in order
 * @param dirty the dirty cache blocks, if so; else empty
 * @param shutdown what the last shutdown stored
 */
public record CacheContent(long cacheBlocks, SortedMap<Long, Long> mappings, boolean clean, SortedSet<Long> dirty,
        Shutdown shutdown) {

    /**
     * What a shutdown stores.
     *
     * @param policy the policy
     * @param stats hits and misses
     * @param discardBlockSectors the size of a discard block
     * @param discardBlocks how many there are
     * @param discarded which of them are discarded
     * @param hints the hint of each cache block
     */
    public record Shutdown(CachePolicy policy, CacheStats stats, long discardBlockSectors, long discardBlocks,
            SortedSet<Long> discarded, SortedMap<Long, Integer> hints) {
        /** Before the first. */
        static final Shutdown NEVER = new Shutdown(CachePolicy.NONE, CacheStats.NONE, 0, 0, new TreeSet<>(),
                new TreeMap<>());
    }

    /** What a cache becomes when it is taken into use. */
    CacheContent inUse() {
        return new CacheContent(cacheBlocks, mappings, false, new TreeSet<>(), shutdown);
    }

    static CacheContent read(CacheMetadata metadata) {
        try (CacheView view = metadata.openView()) {
            CacheReader reader = view.reader();
            CacheSuperblock superblock = view.superblock();
            SortedMap<Long, Long> mappings = new TreeMap<>();
            SortedSet<Long> dirty = new TreeSet<>();
            reader.storedMappings((block, origin, isDirty) -> {
                mappings.put(block, origin);
                if (isDirty && superblock.cleanShutdown()) {
                    dirty.add(block);
                }
            });
            SortedMap<Long, Integer> hints = new TreeMap<>();
            reader.storedHints(hints::put);
            SortedSet<Long> discarded = new TreeSet<>();
            reader.storedDiscards((begin, end) -> {
                for (long block = begin; block < end; block++) {
                    discarded.add(block);
                }
            });
            Shutdown shutdown = new Shutdown(superblock.policy(), superblock.stats(), superblock.discardBlockSectors(),
                    superblock.discardBlocks(), discarded, hints);
            return new CacheContent(superblock.cacheBlocks(), mappings, superblock.cleanShutdown(), dirty, shutdown);
        }
    }
}

package io.pdata.reliability.workload;

import io.pdata.cache.CacheMetadata;
import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheStats;
import io.pdata.cache.ShutdownState;
import io.pdata.reliability.workload.CacheContent.Shutdown;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/** Drives a cache's metadata. */
final class CacheSession extends ModelSession<CacheContent> {
    private static final int SMALLEST_DISCARD_SECTORS = 256;

    private final CacheWorkload workload;
    private final CacheMetadata metadata;
    private final SortedMap<Long, Long> mappings = new TreeMap<>();
    private final SortedSet<Long> origins = new TreeSet<>();
    private long cacheBlocks;
    private Shutdown shutdown;

    CacheSession(CacheWorkload workload, CacheMetadata metadata, CacheContent content, Journal<CacheContent> journal) {
        super(content, journal);
        this.workload = workload;
        this.metadata = metadata;
        become(content);
    }

    private void become(CacheContent content) {
        mappings.clear();
        mappings.putAll(content.mappings());
        origins.clear();
        origins.addAll(mappings.values());
        cacheBlocks = content.cacheBlocks();
        shutdown = content.shutdown();
    }

    @Override
    public CacheContent content() {
        return new CacheContent(cacheBlocks, new TreeMap<>(mappings), false, new TreeSet<>(), shutdown);
    }

    @Override
    public CacheContent observed() {
        return CacheContent.read(metadata);
    }

    @Override
    void commit() {
        committing(content(), metadata::commit);
    }

    @Override
    void abort() {
        metadata.abort();
        become(committed());
    }

    @Override
    boolean change(Step step, SplittableRandom random) {
        if (step == Step.SHUT_DOWN) {
            shutDown(random);
            return true;
        }
        return changed(switch (step) {
        case INSERT -> map(random, false);
        case OVERWRITE -> map(random, true);
        case REMOVE -> remove(random);
        case EXTEND -> extend(1 + random.nextInt(workload.growth()));
        default -> throw new IllegalArgumentException(step.toString());
        });
    }

    /** Maps cache blocks that are mapped already, or that are not, to origin blocks that are in no cache block. */
    private boolean map(SplittableRandom random, boolean mapped) {
        int count = 1 + random.nextInt(workload.run());
        long first = cacheBlocks == 0 ? 0 : random.nextLong(cacheBlocks);
        long origin = random.nextInt(workload.originBlocks());
        boolean changed = false;
        for (long i = 0; i < cacheBlocks && count > 0; i++) {
            long block = (first + i) % cacheBlocks;
            if (mappings.containsKey(block) != mapped) {
                continue;
            }
            while (origins.contains(origin)) {
                origin = (origin + 1) % workload.originBlocks();
            }
            metadata.insertMapping(block, origin);
            origins.add(origin);
            Long before = mappings.put(block, origin);
            if (before != null) {
                origins.remove(before);
            }
            changed = true;
            count--;
        }
        return changed;
    }

    private boolean remove(SplittableRandom random) {
        if (cacheBlocks == 0) {
            return false;
        }
        long begin = random.nextLong(cacheBlocks);
        SortedMap<Long, Long> range = mappings.subMap(begin, begin + 1 + random.nextInt(workload.run()));
        boolean any = !range.isEmpty();
        range.forEach((block, origin) -> {
            metadata.removeMapping(block);
            origins.remove(origin);
        });
        range.clear();
        return any;
    }

    boolean extend(long blocks) {
        if (cacheBlocks + blocks > workload.maxCacheBlocks()) {
            return false;
        }
        metadata.resize(cacheBlocks + blocks);
        cacheBlocks += blocks;
        return changed(true);
    }

    /** Two things to be promised: first a cache shut down in order, then one in use again. */
    private void shutDown(SplittableRandom random) {
        long seed = random.nextLong();
        SortedSet<Long> dirty = new TreeSet<>(mappings.keySet());
        dirty.removeIf(block -> (block * 31 + seed & 3) != 0);
        SortedSet<Long> discarded = new TreeSet<>();
        long discardSectors = SMALLEST_DISCARD_SECTORS << random.nextInt(2);
        long discardBlocks = workload.originSectors() / discardSectors;
        for (long block = 0; block < discardBlocks; block++) {
            if ((block ^ seed) % 5 == 0) {
                discarded.add(block);
            }
        }
        SortedMap<Long, Integer> hints = new TreeMap<>();
        for (long block = 0; block < cacheBlocks; block++) {
            hints.put(block, (int) (block * seed & 63));
        }
        CacheStats stats = new CacheStats(random.nextInt(1000), random.nextInt(1000), random.nextInt(1000),
                random.nextInt(1000));
        shutdown = new Shutdown(CachePolicy.SMQ, stats, discardSectors, discardBlocks, discarded, hints);
        CacheContent clean = new CacheContent(cacheBlocks, new TreeMap<>(mappings), true, dirty, shutdown);
        committing(clean, () -> metadata.cleanShutdown(new ShutdownState(dirty::contains, discardSectors,
                discardBlocks, discarded::contains, stats, CachePolicy.SMQ, block -> hints.get(block))));
        committing(clean.inUse(), metadata::resume);
    }

    @Override
    public void close() {
        metadata.close();
    }
}

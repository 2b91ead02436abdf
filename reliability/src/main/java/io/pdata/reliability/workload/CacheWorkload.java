package io.pdata.reliability.workload;

import io.pdata.cache.CacheMetadata;
import io.pdata.core.device.Device;
import io.pdata.core.store.OpenOptions;
import io.pdata.tools.Finding;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.cache.CacheCheck;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The metadata of a cache.
 *
 * @param version of the format, 1 or 2
 * @param metadataBlocks blocks of the metadata device
 * @param initialBlocks cache blocks at first
 * @param maxCacheBlocks the most cache blocks
 * @param originBlocks blocks of the origin: more than cache blocks, and a multiple of 8
 * @param growth how many cache blocks are added at most at a time
 * @param run how many mappings are changed at most at a time
 */
public record CacheWorkload(int version, int metadataBlocks, long initialBlocks, long maxCacheBlocks, int originBlocks,
        int growth, int run) implements Workload<CacheContent> {
    private static final int DATA_BLOCK_SECTORS = 64;
    private static final int PREPARATIONS = 3;

    /** An array of two blocks, the second of which is nearly full. */
    public static CacheWorkload small(int version) {
        return new CacheWorkload(version, 60, 1015, 1100, 4096, 8, 20);
    }

    /** For long runs. */
    public static CacheWorkload large(int version) {
        return new CacheWorkload(version, 120, 1000, 3000, 8192, 400, 200);
    }

    long originSectors() {
        return (long) originBlocks * DATA_BLOCK_SECTORS;
    }

    @Override
    public String name() {
        return "cache-v" + version;
    }

    @Override
    public List<Step> steps() {
        return List.of(Step.INSERT, Step.OVERWRITE, Step.REMOVE, Step.EXTEND, Step.SHUT_DOWN, Step.COMMIT, Step.ABORT);
    }

    @Override
    public Session<CacheContent> format(Device device, long cacheBytes, Journal<CacheContent> journal) {
        CacheContent empty = new CacheContent(0, new TreeMap<>(), false, new TreeSet<>(), CacheContent.Shutdown.NEVER);
        journal.asked(empty);
        CacheMetadata metadata = CacheMetadata.format(device, version, DATA_BLOCK_SECTORS, cacheBytes);
        journal.acknowledged(empty);
        return new CacheSession(this, metadata, empty, journal);
    }

    @Override
    public void prepare(Session<CacheContent> session) {
        ((CacheSession) session).extend(initialBlocks);
        for (int i = 0; i < PREPARATIONS; i++) {
            session.take(Step.INSERT, i);
        }
        session.take(Step.SHUT_DOWN, 0);
    }

    /** Opening takes the cache into use, which is a promise of its own. */
    @Override
    public Session<CacheContent> open(Device device, long cacheBytes, CacheContent content,
            Journal<CacheContent> journal) {
        CacheContent inUse = content.inUse();
        journal.asked(inUse);
        CacheMetadata metadata = CacheMetadata.open(device, OpenOptions.readWrite().withCache(cacheBytes));
        journal.acknowledged(inUse);
        return new CacheSession(this, metadata, inUse, journal);
    }

    @Override
    public CacheContent read(Device device) {
        try (CacheMetadata metadata = CacheMetadata.open(device, OpenOptions.readOnly().withCache(device.size()))) {
            return CacheContent.read(metadata);
        }
    }

    @Override
    public List<String> check(Device device) {
        try (MetadataFile file = new MetadataFile(device)) {
            return CacheCheck.check(file, CacheCheck.Options.FULL, Report.SILENT).all().stream().map(Finding::text)
                    .toList();
        }
    }
}

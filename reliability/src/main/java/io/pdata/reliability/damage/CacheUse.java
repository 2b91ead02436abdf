package io.pdata.reliability.damage;

import io.pdata.cache.CacheMetadata;
import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheReader;
import io.pdata.cache.CacheStats;
import io.pdata.cache.CacheView;
import io.pdata.cache.ShutdownState;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.store.OpenOptions;
import io.pdata.tools.Findings;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.Report;
import io.pdata.tools.cache.CacheCheck;
import io.pdata.tools.cache.CacheDump;
import io.pdata.tools.text.TextOut;

/** How cache metadata are put to use. */
final class CacheUse extends Use {
    private static final long PROBES = 40;
    /** An origin block that no image has in its cache. */
    private static final long ORIGIN = 8000;

    @Override
    Findings check(MemoryDevice device) {
        try (MetadataFile file = new MetadataFile(device)) {
            return CacheCheck.check(file, CacheCheck.Options.FULL, Report.SILENT);
        }
    }

    @Override
    void dump(MemoryDevice device, TextOut out) {
        try (MetadataFile file = new MetadataFile(device)) {
            CacheDump.dump(file, () -> out);
        }
    }

    @Override
    void read(MemoryDevice device, Answer answer) {
        try (CacheMetadata metadata = CacheMetadata.open(device, OpenOptions.readOnly().withCache(CACHE_BYTES));
                CacheView view = metadata.openView()) {
            CacheReader reader = view.reader();
            answer.say(metadata.cacheBlocks(), reader.trusted(), view.superblock().policy(), view.superblock().stats());
            reader.storedMappings((block, origin, dirty) -> answer.note(block, dirty ? -origin : origin));
            reader.storedHints(answer::note);
            reader.storedDiscards(answer::note);
            reader.loadMappings(CachePolicy.SMQ,
                    (block, origin, dirty, hint, valid) -> answer.note(origin + hint, valid && dirty ? 1 : 0));
            reader.loadDiscards(1024, 1 << 20, answer::note);
            for (long block = 0; block < Math.min(PROBES, metadata.cacheBlocks()); block++) {
                answer.note(reader.origin(block), reader.storedDirty(block) ? 1 : 0);
            }
            answer.say(reader.allClean(0, Math.min(PROBES, metadata.cacheBlocks())));
        }
    }

    @Override
    void write(MemoryDevice device) {
        try (CacheMetadata metadata = CacheMetadata.open(device, OpenOptions.readWrite().withCache(CACHE_BYTES))) {
            long blocks = metadata.cacheBlocks();
            if (blocks > 0) {
                metadata.insertMapping(0, ORIGIN);
                metadata.removeMapping(blocks / 2);
            }
            metadata.commit();
            metadata.resize(Math.min(blocks + 700, CacheMetadata.MAX_CACHE_BLOCKS));
            metadata.commit();
            metadata.cleanShutdown(new ShutdownState(block -> block % 5 == 0, 512, 4000, block -> block % 7 == 0,
                    CacheStats.NONE, CachePolicy.SMQ, block -> (int) block % 64));
        }
    }
}

package io.pdata.fuzz.target;

import io.pdata.cache.CacheMetadata;
import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheStats;
import io.pdata.cache.ShutdownState;
import io.pdata.core.store.OpenOptions;
import io.pdata.fuzz.Target;
import io.pdata.fuzz.image.Images;
import io.pdata.fuzz.image.Input;
import io.pdata.fuzz.image.PatchedDevice;

/** Transactions on a cache. If the check finds it clean before, nothing fails, and it is clean afterwards. */
public final class CacheTransactionTarget implements Target {
    private static final int MOST_STEPS = 24;
    private static final long MOST_BLOCKS = 8000;
    /** So many that the origin is large enough for all blocks that are mapped, whatever the size of a block. */
    private static final long DISCARD_SECTORS = 1L << 45;
    private static final long FIRST_ORIGIN = 1L << 20;

    @Override
    public void run(Input input) {
        PatchedDevice image = input.image(Images.cache());
        boolean clean = Judge.clean(CacheTarget.check(image));
        Judge.allows(clean, "a transaction", () -> {
            try (CacheMetadata cache = CacheTarget.open(image, OpenOptions.readWrite())) {
                run(cache, input, clean);
            }
        });
        if (clean) {
            Judge.requireClean(CacheTarget.check(image), "after transactions");
        }
    }

    private static void run(CacheMetadata cache, Input input, boolean clean) {
        boolean usable = true;
        for (int i = 0; usable && i < MOST_STEPS && input.more(); i++) {
            usable = Judge.allows(clean, "a step", () -> step(cache, input));
        }
        if (!usable || !Judge.allows(clean, "a commit", cache::commit)) {
            Judge.allows(clean, "a roll-back", cache::abort);
        }
    }

    private static void step(CacheMetadata cache, Input input) {
        long blocks = cache.cacheBlocks();
        switch (input.number() % 8) {
        case 0, 1 -> {
            if (blocks > 0) {
                long block = Long.remainderUnsigned(input.wide(), blocks);
                cache.insertMapping(block, FIRST_ORIGIN + block); // an origin block belongs into one cache block only
            }
        }
        case 2 -> {
            if (blocks > 0) {
                cache.removeMapping(Long.remainderUnsigned(input.wide(), blocks));
            }
        }
        case 3 -> {
            long size = Long.remainderUnsigned(input.wide() * 16, MOST_BLOCKS);
            if (size >= blocks || cache.reader().allClean(size, blocks)) {
                cache.resize(size);
            }
        }
        case 4 -> cache.commit();
        case 5 -> cache.abort();
        case 6 -> {
            int odd = input.number();
            cache.cleanShutdown(new ShutdownState(block -> block % 7 == odd % 7, DISCARD_SECTORS, input.number(),
                    block -> block % 3 == odd % 3, CacheStats.NONE, CachePolicy.SMQ, block -> (int) block & 63));
            cache.resume();
        }
        default -> cache.reader().loadMappings(CachePolicy.SMQ, (_, _, _, _, _) -> {});
        }
    }
}

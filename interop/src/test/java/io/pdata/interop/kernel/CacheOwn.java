package io.pdata.interop.kernel;

import io.pdata.cache.CacheMetadata;
import io.pdata.cache.CachePolicy;
import io.pdata.cache.CacheStats;
import io.pdata.cache.ShutdownState;
import io.pdata.core.device.FileDevice.Access;
import io.pdata.core.device.FileDevice;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.store.OpenOptions;
import io.pdata.interop.kernel.BlockContent.Image;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A cache run by this project: random blocks get in, get dirty, get out. What the policy and the discards are worth does
 * not matter; what the metadata says of them does.
 */
final class CacheOwn implements AutoCloseable {
    private static final int SMQ_LEVELS = 64;

    private final SplittableRandom random;
    private final CacheWorld world;
    private final Image fast;
    private final Image origin;
    private final CacheMetadata metadata;
    private final Set<Long> mapped = new HashSet<>();
    private final BitSet dirty = new BitSet();
    private long nextTag;

    private CacheOwn(CacheMetadata metadata, SplittableRandom random, CacheWorld world, Path fast, Path origin,
            long firstTag) {
        this.metadata = metadata;
        this.random = random;
        this.world = world;
        this.fast = Image.open(fast);
        this.origin = Image.open(origin);
        this.nextTag = firstTag;
        metadata.reader().loadMappings(CachePolicy.SMQ, (cacheBlock, block, isDirty, _, _) -> {
            mapped.add(block);
            dirty.set((int) cacheBlock, isDirty);
        });
        metadata.reader().loadDiscards(CacheGuest.BLOCK_SECTORS, world.originBlocks(),
                (begin, end) -> world.discarded.set((int) begin, (int) end));
    }

    static void format(Path image, int version) {
        CacheMetadata.format(FileDevice.open(image, Access.READ_WRITE), version, CacheGuest.BLOCK_SECTORS,
                MetadataStore.DEFAULT_CACHE_BYTES).close();
    }

    static CacheOwn open(Path image, SplittableRandom random, CacheWorld world, Path fast, Path origin,
            long firstTag) {
        return new CacheOwn(CacheMetadata.open(FileDevice.open(image, Access.READ_WRITE),
                OpenOptions.readWrite().expecting(CacheGuest.BLOCK_SECTORS)), random, world, fast, origin, firstTag);
    }

    long nextTag() {
        return nextTag;
    }

    void resize(long blocks) {
        metadata.resize(blocks);
    }

    void steps(int count) {
        for (int i = 0; i < count; i++) {
            int cacheBlock = random.nextInt((int) metadata.cacheBlocks());
            long block = metadata.reader().origin(cacheBlock);
            if (block < 0) {
                promote(cacheBlock, random.nextInt(world.originBlocks()));
            } else if (random.nextInt(3) > 0) {
                overwrite(cacheBlock, (int) block);
            } else {
                demote(cacheBlock, (int) block);
            }
        }
    }

    /** Steps that only bring blocks in. */
    void promotions(int count) {
        for (int i = 0; i < count; i++) {
            int cacheBlock = random.nextInt((int) metadata.cacheBlocks());
            if (metadata.reader().origin(cacheBlock) < 0) {
                promote(cacheBlock, random.nextInt(world.originBlocks()));
            }
        }
    }

    private void promote(int cacheBlock, long block) {
        if (!mapped.add(block)) {
            return;
        }
        fast.write(cacheBlock, CacheGuest.BLOCK_BYTES, origin.read(block, CacheGuest.BLOCK_BYTES));
        metadata.insertMapping(cacheBlock, block);
        world.discarded.clear((int) block);
        if (random.nextBoolean()) {
            overwrite(cacheBlock, (int) block);
        }
    }

    private void overwrite(int cacheBlock, int block) {
        world.write(block, 1, nextTag);
        fast.write(cacheBlock, CacheGuest.BLOCK_BYTES, BlockContent.whole(nextTag));
        dirty.set(cacheBlock);
        nextTag++;
    }

    private void demote(int cacheBlock, int block) {
        if (dirty.get(cacheBlock)) {
            origin.write(block, CacheGuest.BLOCK_BYTES, fast.read(cacheBlock, CacheGuest.BLOCK_BYTES));
            dirty.clear(cacheBlock);
        }
        metadata.removeMapping(cacheBlock);
        metadata.commit();
        mapped.remove((long) block);
    }

    /** Discards some blocks that are not in the cache and, so that their content is known, were never written. */
    void discardSome(int count) {
        for (int i = 0; i < count; i++) {
            int block = random.nextInt(world.originBlocks());
            if (!mapped.contains((long) block) && world.content(block).equals(BlockContent.ZERO)) {
                world.discarded.set(block);
            }
        }
    }

    /** Commits, as in mid-use. */
    void commit() {
        metadata.commit();
    }

    void shutDown() {
        int[] levels = levels();
        metadata.cleanShutdown(new ShutdownState(cacheBlock -> dirty.get((int) cacheBlock), CacheGuest.BLOCK_SECTORS,
                world.originBlocks(), block -> world.discarded.get((int) block), new CacheStats(1, 2, 3, 4),
                CachePolicy.SMQ, cacheBlock -> levels[(int) cacheBlock]));
    }

    /**
     * A level for each cache block: the blocks of smq's queues, the clean one and the dirty one, evenly spread. So smq,
     * which evens its queues out when it begins, has nothing to change.
     */
    private int[] levels() {
        int[] levels = new int[(int) metadata.cacheBlocks()];
        int[] lengths = new int[2];
        metadata.reader().storedMappings((cacheBlock, _, _) -> {
            int queue = dirty.get((int) cacheBlock) ? 1 : 0;
            levels[(int) cacheBlock] = lengths[queue]++ % SMQ_LEVELS;
        });
        return levels;
    }

    @Override
    public void close() {
        try (fast; origin) {
            metadata.close();
        }
    }
}

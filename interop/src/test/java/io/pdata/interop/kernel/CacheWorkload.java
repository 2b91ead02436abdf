package io.pdata.interop.kernel;

import java.util.SplittableRandom;

/** A random user of a cached device. Does the same to the model and to one real side. */
final class CacheWorkload {
    private static final int LARGEST_RUN = 12;
    private static final int HOT = 60;

    private final SplittableRandom random;
    private final CacheWorld world;
    private final CacheSide side;
    private long nextTag;

    /** @param firstTag the first tag that this user may write; tags are never used twice, so that stale data shows */
    CacheWorkload(SplittableRandom random, CacheWorld world, CacheSide side, long firstTag) {
        this.random = random;
        this.world = world;
        this.side = side;
        this.nextTag = firstTag;
    }

    /** The first tag that has not been written. */
    long nextTag() {
        return nextTag;
    }

    void steps(int count) {
        for (int i = 0; i < count; i++) {
            step();
        }
    }

    private void step() {
        int dice = random.nextInt(100);
        int count = 1 + random.nextInt(random.nextInt(1, LARGEST_RUN));
        // Half of all goes to few blocks, so that there are hits.
        int begin = random.nextBoolean() ? random.nextInt(HOT) : random.nextInt(world.originBlocks() - count);
        if (dice < 50) {
            side.write(begin, count, nextTag);
            world.write(begin, count, nextTag);
            nextTag += count;
        } else if (dice < 65) {
            side.writePart(begin, nextTag);
            world.writePart(begin, nextTag);
            nextTag++;
        } else if (dice < 92) {
            // A read of a discarded block may promote it, at the policy's pleasure, and that clears its discard bit.
            if (world.discarded.get(begin, begin + count).isEmpty()) {
                side.read(begin, count);
                world.read(begin, count);
            }
        } else {
            side.discard(begin, count);
            world.discard(begin, count);
        }
    }
}

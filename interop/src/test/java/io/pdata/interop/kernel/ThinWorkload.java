package io.pdata.interop.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A random user of a thin pool: volumes, snapshots of snapshots, writes whole and partial, discards, deletions, a
 * metadata snapshot, growth. Does the same to the model and to one real side.
 */
final class ThinWorkload {
    /** Most I/O goes to this many blocks at the beginning of each volume. */
    static final int DENSE = 150;
    private static final int LARGEST_RUN = 24;

    private final SplittableRandom random;
    private final ThinWorld world;
    private final ThinSide side;
    private final int mostVolumes;
    private long nextTag;

    /** @param firstTag the first tag that this user may write; tags are never used twice, so that stale data shows */
    ThinWorkload(SplittableRandom random, ThinWorld world, ThinSide side, int mostVolumes, long firstTag) {
        this.random = random;
        this.world = world;
        this.side = side;
        this.mostVolumes = mostVolumes;
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
        if (world.volumes.isEmpty()) {
            create();
            return;
        }
        int dice = random.nextInt(100);
        if (dice < 48) {
            write();
        } else if (dice < 62) {
            writePart();
        } else if (dice < 74) {
            discard();
        } else if (dice < 79) {
            create();
        } else if (dice < 90) {
            snapshot();
        } else if (dice < 95) {
            delete();
        } else if (dice < 97) {
            setTransactionId(world.transaction + 1 + random.nextInt(5));
        } else {
            toggleMetadataSnapshot();
        }
    }

    void create() {
        if (world.volumes.size() < mostVolumes) {
            createAs(unusedId());
        }
    }

    void createAs(int id) {
        side.create(id);
        world.create(id);
    }

    void snapshot() {
        if (world.volumes.size() < mostVolumes) {
            snapshotAs(unusedId(), anyVolume());
        }
    }

    void snapshotAs(int id, int origin) {
        side.snapshot(id, origin);
        world.snapshot(id, origin);
    }

    void delete() {
        if (world.volumes.size() > mostVolumes / 2) {
            int id = anyVolume();
            side.delete(id);
            world.delete(id);
        }
    }

    void write() {
        writeTo(anyVolume(), anyBlock(), 1 + random.nextInt(random.nextInt(1, LARGEST_RUN)));
    }

    void writeTo(int id, long begin, int count) {
        side.write(id, begin, count, nextTag);
        world.write(id, begin, count, nextTag);
        nextTag += count;
    }

    void writePart() {
        int id = anyVolume();
        long block = anyBlock();
        side.writePart(id, block, nextTag);
        world.writePart(id, block, nextTag);
        nextTag++;
    }

    void discard() {
        int id = anyVolume();
        long begin = anyBlock();
        long count = 1 + random.nextInt(random.nextInt(1, DENSE / 2));
        side.discard(id, begin, count);
        world.discard(id, begin, count);
    }

    void setTransactionId(long next) {
        side.setTransactionId(world.transaction, next);
        world.setTransactionId(world.transaction, next);
    }

    void toggleMetadataSnapshot() {
        if (world.held == null) {
            side.reserveMetadataSnapshot();
            world.reserveMetadataSnapshot();
        } else {
            side.releaseMetadataSnapshot();
            world.releaseMetadataSnapshot();
        }
    }

    void grow(long dataBlocks, long metadataBlocks) {
        side.grow(dataBlocks, metadataBlocks);
        world.grow(dataBlocks, metadataBlocks);
    }

    private int anyVolume() {
        List<Integer> ids = new ArrayList<>(world.volumes.keySet());
        return ids.get(random.nextInt(ids.size()));
    }

    private int unusedId() {
        while (true) {
            // Mostly small ids; now and then any of the 24 bits that the target allows.
            int id = random.nextInt(random.nextInt(4) == 0 ? 1 << 24 : 1000);
            if (!world.volumes.containsKey(id)) {
                return id;
            }
        }
    }

    /** Mostly in the dense beginning; sometimes far away, which makes sparse trees. */
    private long anyBlock() {
        return random.nextInt(8) == 0
                ? DENSE + 40L * random.nextInt((int) (ThinPool.VOLUME_BLOCKS - 1000) / 40)
                : random.nextInt(DENSE);
    }
}

package io.pdata.reliability.lost;

import io.pdata.core.device.MemoryDevice;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.store.OpenOptions;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.thin.ThinRepair;
import io.pdata.tools.thin.ThinWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** A pool that lives as a {@link Life} says, from a seed, and is looked at now and then. */
final class LivingPool {
    private static final long BLOCK = 4096;
    private static final int SECTORS = 128;
    private static final long CACHE_BYTES = 4 << 20;
    private static final int DATA_BLOCKS = 20_000;
    private static final int VOLUME_BLOCKS = 1500;
    private static final int MOST_DEVICES = 12;

    private final Life life;
    private final String name;
    private final SplittableRandom random;
    private final List<Long> volumes = new ArrayList<>();
    private final Set<String> earlier = new HashSet<>();
    private MemoryDevice device;
    private ThinMetadata pool;
    private boolean held;

    private LivingPool(Life life, long seed) {
        this.life = life;
        this.name = "seed " + seed;
        this.random = new SplittableRandom(seed * 1_000_003 + life.name().hashCode());
        this.device = new MemoryDevice(life.blocks() * BLOCK);
        this.pool = ThinMetadata.format(device, SECTORS, CACHE_BYTES);
    }

    /** Lets a pool live, and looks at it after about one in {@code every} of its commits. */
    static void live(Life life, long seed, int every, Consumer<Moment> observer) {
        LivingPool living = new LivingPool(life, seed);
        living.pool.space().resizeData(DATA_BLOCKS);
        living.pool.commit();
        int commits = life.commits() / 2 + living.random.nextInt(life.commits() / 2 + 1);
        for (int i = 0; i < commits && living.transaction(); i++) {
            living.between(i);
            String now = PoolDigest.of(living.device.copy()).text();
            if (living.random.nextInt(every) == 0) {
                observer.accept(new Moment(life.name(), living.name + ", commit " + i, living.device.copy(),
                        Set.copyOf(living.earlier)));
            }
            living.earlier.add(now);
        }
        living.pool.close();
    }

    /** Makes one transaction; returns false if space has run out. */
    private boolean transaction() {
        try {
            for (int n = 1 + random.nextInt(life.steps()); n > 0; n--) {
                if (pool.space().freeMetadataBlocks() < 12) {
                    makeRoom();
                    break;
                }
                step();
            }
            pool.commit();
            return true;
        } catch (NoSpaceException e) {
            pool.abort();
            return false;
        }
    }

    private void makeRoom() {
        if (held) {
            pool.releaseMetadataSnapshot();
            held = false;
        } else if (volumes.size() > 1) {
            pool.delete(volumes.remove(random.nextInt(volumes.size())));
        }
    }

    private boolean happens(int oneIn) {
        return oneIn > 0 && random.nextInt(oneIn) == 0;
    }

    private void step() {
        if (volumes.isEmpty() || volumes.size() < MOST_DEVICES && random.nextInt(25) == 0) {
            long id = newId();
            pool.createThin(id);
            volumes.add(id);
        } else if (volumes.size() < MOST_DEVICES && random.nextInt(8) == 0) {
            long id = newId();
            pool.createSnapshot(id, any());
            volumes.add(id);
        } else if (happens(life.deletion()) && volumes.size() > 1) {
            pool.delete(volumes.remove(random.nextInt(volumes.size())));
        } else {
            use(any());
        }
    }

    /** What happens after a commit, which may commit too. */
    private void between(int commit) {
        if (happens(4)) {
            pool.setTransactionId(pool.transactionId(), pool.transactionId() + 1);
            pool.commit();
        }
        if (happens(life.held())) {
            if (held) {
                pool.releaseMetadataSnapshot();
            } else {
                pool.commit();
                pool.reserveMetadataSnapshot();
            }
            held = !held;
            pool.commit();
        }
        if (happens(life.growth())) {
            device.resize(device.size() + (20 + random.nextInt(400)) * BLOCK, false);
            pool.space().growMetadata();
            pool.space().resizeData(pool.space().dataBlocks() + random.nextInt(30_000));
            pool.commit();
        }
        if (life.restored() > 0 && commit == life.restored()) {
            restore();
        } else if (happens(life.reopening())) {
            pool.close();
            pool = ThinMetadata.open(device.reopen(), OpenOptions.readWrite().withCache(CACHE_BYTES));
        }
    }

    private void restore() {
        pool.close();
        MemoryDevice restored = new MemoryDevice(device.size());
        if (life.byPeer()) {
            Peers.restore(device.reopen(), restored);
        } else {
            try (MetadataFile file = new MetadataFile(device.reopen()); ThinWriter writer = new ThinWriter(restored)) {
                ThinRepair.save(file, ThinRepair.Options.NONE, () -> writer);
            }
        }
        device = restored;
        earlier.clear();
        pool = ThinMetadata.open(device.reopen(), OpenOptions.readWrite().withCache(CACHE_BYTES));
    }

    private void use(long id) {
        ThinDevice volume = pool.openDevice(id);
        long begin = random.nextInt(VOLUME_BLOCKS);
        long blocks = random.nextInt(3) == 0 ? 1 + random.nextInt(200) : 1 + random.nextInt(4);
        if (random.nextInt(5) == 0) {
            pool.removeRange(volume, begin, begin + blocks);
        } else {
            for (long i = begin; i < begin + blocks && pool.space().freeMetadataBlocks() > 8; i++) {
                if (pool.space().freeDataBlocks() > 0) {
                    pool.insert(volume, i, pool.allocateDataBlock());
                }
            }
        }
        pool.closeDevice(volume);
    }

    private long any() {
        return volumes.get(random.nextInt(volumes.size()));
    }

    private long newId() {
        long id = random.nextInt(4) == 0 ? random.nextInt(1 << 24) : random.nextInt(30);
        while (volumes.contains(id)) {
            id++;
        }
        return id;
    }
}

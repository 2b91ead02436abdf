package io.pdata.reliability.pool;

import static io.pdata.reliability.workload.Judgement.require;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.PersistentDataException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolMode;
import io.pdata.thin.pool.PoolOptions;
import io.pdata.thin.pool.ThinPool;
import io.pdata.thin.pool.Volume;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Drives a pool on simulated disks, and knows what its volumes have to hold. One thread; nothing is committed but by what
 * is asked for. With {@code tolerant} a step may fail by an error of the library's; what it was about is then open.
 */
final class PoolSession implements AutoCloseable {
    static final int SECTOR = 512;
    static final int BLOCK_SECTORS = 128;
    /** The last block of a volume is only half there. */
    static final int VOLUME_SECTORS = 2 * BLOCK_SECTORS + BLOCK_SECTORS / 2;
    static final int MAX_VOLUMES = 3;

    private final PoolDisks disks;
    private final PoolPromises promises;
    private final PoolContent content;
    private final boolean tolerant;
    private final ThinPool pool;
    private final TreeMap<Long, Volume> volumes = new TreeMap<>();
    private long nextValue;
    private int failures;
    private boolean over;

    static PoolOptions options() {
        return PoolOptions.defaults().withCommitPeriod(Duration.ZERO).withErrorIfNoSpace(true).withCache(0);
    }

    /** Opens what is on the disks, and what has this content. */
    PoolSession(PoolDisks disks, UUID run, PoolContent content, boolean tolerant, long firstValue) {
        this.disks = disks;
        this.content = content.copy();
        this.promises = new PoolPromises(content);
        this.tolerant = tolerant;
        this.nextValue = firstValue;
        this.pool = ThinPool.open(disks.device(PoolDisks.METADATA), disks.device(PoolDisks.DATA),
                disks.device(PoolDisks.LOG), run, options(), PoolEvents.NONE);
        content.ids().forEach(this::open);
    }

    private void open(long id) {
        volumes.put(id, pool.openVolume(id, (long) VOLUME_SECTORS * SECTOR, null));
    }

    PoolPromises promises() {
        return promises;
    }

    PoolContent content() {
        return content;
    }

    long nextValue() {
        return nextValue;
    }

    /** Whether it is not known any more what the pool holds, or nothing can be changed any more. */
    boolean over() {
        return over || pool.status().mode().compareTo(PoolMode.OUT_OF_DATA_SPACE) > 0;
    }

    /**
     * Takes a step.
     *
     * @param choice decides which volume, and where; the same choice in the same state does the same
     */
    void take(PoolStep step, long choice) {
        SplittableRandom random = new SplittableRandom(choice);
        if (volumes.isEmpty()) {
            create();
            return;
        }
        long id = List.copyOf(volumes.keySet()).get(random.nextInt(volumes.size()));
        int first = random.nextInt(VOLUME_SECTORS);
        int count = 1 + random.nextInt(VOLUME_SECTORS - first);
        switch (step) {
        case WRITE -> writeBlocks(id, random);
        case WRITE_PART -> write(id, first, Math.min(count, 1 + random.nextInt(BLOCK_SECTORS / 4)));
        case FLUSH -> request(() -> volumes.get(id).flush(), PoolContent::durable);
        case SNAPSHOT -> snapshot(id);
        case DELETE -> delete(id);
        case DISCARD -> discard(id, first, count);
        case ZERO -> range(id, first, count, 0, () -> volumes.get(id).zero(bytes(first), bytes(count)));
        case RESIZE -> resize(id, first);
        }
    }

    private static long bytes(long sectors) {
        return sectors * SECTOR;
    }

    private void writeBlocks(long id, SplittableRandom random) {
        int block = random.nextInt(3);
        int end = Math.min(VOLUME_SECTORS, (block + 1 + random.nextInt(2)) * BLOCK_SECTORS);
        write(id, block * BLOCK_SECTORS, end - block * BLOCK_SECTORS);
    }

    private void write(long id, int first, int count) {
        long value = nextValue++;
        MemorySegment bytes = MemorySegment.ofArray(new byte[count * SECTOR]);
        for (int at = 0; at < count * SECTOR; at += Long.BYTES) {
            bytes.set(Bytes.U64, at, value);
        }
        range(id, first, count, value, () -> volumes.get(id).write(bytes(first), bytes));
    }

    private void discard(long id, int first, int count) {
        int begin = Math.ceilDiv(first, BLOCK_SECTORS) * BLOCK_SECTORS;
        int end = (first + count) / BLOCK_SECTORS * BLOCK_SECTORS;
        range(id, begin, Math.max(0, end - begin), 0, () -> volumes.get(id).discard(bytes(first), bytes(count)));
    }

    private void resize(long id, int first) {
        int smaller = Math.max(1, first);
        range(id, smaller, VOLUME_SECTORS - smaller, 0, () -> {
            volumes.get(id).resize(bytes(smaller), false);
            volumes.get(id).resize(bytes(VOLUME_SECTORS), false);
        });
    }

    /** Something that gives a range of sectors one value. */
    private void range(long id, int first, int count, long value, Runnable work) {
        PoolContent open = content.copy();
        PoolContent openToKill = content.acknowledged();
        for (int sector = first; sector < first + count; sector++) {
            open.change(id, sector, value);
            openToKill.change(id, sector, value);
        }
        promises.begun(disks.now(), List.of(open), List.of(openToKill));
        try {
            work.run();
            for (int sector = first; sector < first + count; sector++) {
                content.set(id, sector, value);
            }
        } catch (NoSpaceException e) {
            adopt(id, first, count, value);
        } catch (PersistentDataException e) {
            failed(e);
            for (int sector = first; sector < first + count; sector++) {
                content.change(id, sector, value);
            }
            adoptIfReadable(id, first, count, value);
        }
        if (failures == 0) {
            promises.acknowledged(disks.now(), content);
        } else {
            promises.begun(disks.now(), List.of(content), List.of(content));
        }
    }

    private void adoptIfReadable(long id, int first, int count, long value) {
        try {
            adopt(id, first, count, value);
        } catch (PersistentDataException e) {
            over = true; // what the volume holds is not known, so neither is what a flush makes durable
        }
    }

    /** What ran out of space or failed has changed some blocks and not others. */
    private void adopt(long id, int first, int count, long value) {
        long[] found = PoolReader.sectors(volumes.get(id));
        for (int sector = first; sector < first + count; sector++) {
            require(found[sector] == value || found[sector] == content.now(id, sector) || failures > 0,
                    "sector %d of volume %d holds %d when a change to %d ran out of space", sector, id, found[sector],
                    value);
            content.set(id, sector, found[sector]);
        }
    }

    private interface Change {
        void make(PoolContent content);
    }

    /** Something that is durable when it returns, as a whole. */
    private void request(Runnable work, Change change) {
        PoolContent after = content.copy();
        after.durable();
        change.make(after);
        promises.begun(disks.now(), List.of(content, after), List.of(content.acknowledged(), after));
        try {
            work.run();
        } catch (PersistentDataException e) {
            failed(e);
            promises.begun(disks.now(), List.of(content, after), List.of(content, after));
            return;
        }
        content.durable();
        change.make(content);
        if (failures == 0) {
            promises.acknowledged(disks.now(), content);
        } else {
            promises.begun(disks.now(), List.of(content), List.of(content));
        }
    }

    private long freeId() {
        long id = 0;
        while (volumes.containsKey(id)) {
            id++;
        }
        return id;
    }

    private void create() {
        long id = freeId();
        request(() -> pool.createVolume(id), made -> made.create(id, VOLUME_SECTORS));
        openIfThere(id);
    }

    private void snapshot(long origin) {
        if (volumes.size() == MAX_VOLUMES) {
            return;
        }
        long id = freeId();
        request(() -> pool.createSnapshot(id, origin), made -> made.snapshot(id, origin));
        openIfThere(id);
    }

    private void openIfThere(long id) {
        if (content.ids().contains(id)) {
            open(id);
        }
    }

    private void delete(long id) {
        volumes.get(id).close();
        request(() -> pool.deleteVolume(id), made -> made.delete(id));
        volumes.remove(id);
        openIfThere(id);
    }

    private void failed(PersistentDataException e) {
        if (!tolerant) {
            throw e;
        }
        failures++;
    }

    /** Takes the process away: nothing is committed, nothing closed. What is on the disks stays as it is. */
    @Override
    public void close() {
        try {
            pool.close();
        } catch (PersistentDataException e) {
            failed(e);
        }
    }
}

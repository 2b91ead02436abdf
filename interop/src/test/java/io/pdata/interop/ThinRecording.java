package io.pdata.interop;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Random use of a thin pool, recorded. The data do not matter: they go to a zero target. */
final class ThinRecording extends Recording {
    private static final int BLOCK_SECTORS = 128;
    private static final int BLOCK_BYTES = BLOCK_SECTORS * 512;
    private static final long VOLUME_BLOCKS = 100_000;
    private static final int MOST_VOLUMES = 40;
    private static final int BLOCKS_USED = 4000;

    private final SplittableRandom random;
    private final List<Integer> volumes = new ArrayList<>();
    private final List<Integer> open = new ArrayList<>();
    private long metadataBlocks;
    private long dataBlocks;
    private long transaction;
    private boolean held;

    ThinRecording(Path folder, String name, SplittableRandom random, long metadataBlocks, long imageBlocks,
            char firstDisk) {
        super(folder, name, imageBlocks, firstDisk);
        this.random = random;
        this.metadataBlocks = metadataBlocks;
        this.dataBlocks = 5000;
        guest("dmsetup create %s-zero --table '0 %d zero'", name, 20_000 * BLOCK_SECTORS);
        operation("format %d %d", metadataBlocks, BLOCK_SECTORS);
        operation("resize_data %d", dataBlocks);
        activate();
    }

    private void activate() {
        guest("dmsetup create %s-meta --table '0 %d linear %s 0'", name(), metadataBlocks * 8, disk(0));
        guest("dmsetup create %s --table '%s'", name(), table());
    }

    private String table() {
        return "0 %d thin-pool /dev/mapper/%s-meta /dev/mapper/%s-zero %d 0 2 skip_block_zeroing no_discard_passdown"
                .formatted(dataBlocks * BLOCK_SECTORS, name(), name(), BLOCK_SECTORS);
    }

    private void takeDown() {
        for (int id : open) {
            guest("dmsetup remove %s", device(id));
        }
        open.clear();
        guest("dmsetup remove %s %s-meta", name(), name());
    }

    /** Some operations, then an image. */
    void steps(int count) {
        for (int i = 0; i < count; i++) {
            step();
        }
        image();
    }

    /** Grows metadata and data. */
    void grow(long newMetadataBlocks, long newDataBlocks) {
        metadataBlocks = newMetadataBlocks;
        dataBlocks = newDataBlocks;
        operation("grow %d %d", metadataBlocks, dataBlocks);
        guest("dmsetup suspend %s", name());
        reload(name() + "-meta", "0 %d linear %s 0".formatted(metadataBlocks * 8, disk(0)));
        reload(name(), table());
    }

    private void reload(String device, String table) {
        guest("dmsetup load %s --table '%s'", device, table);
        guest("dmsetup suspend %s", device);
        guest("dmsetup resume %s", device);
    }

    /** Deactivates the pool and activates it again. */
    void reopen() {
        takeDown();
        operation("reopen");
        activate();
    }

    /** Deactivates the pool. An image taken now must be that of the last commit. */
    void end() {
        takeDown();
        image();
    }

    private void step() {
        int dice = random.nextInt(100);
        if (volumes.isEmpty() || dice < 8 && volumes.size() < MOST_VOLUMES) {
            create();
        } else if (dice < 22 && volumes.size() < MOST_VOLUMES) {
            snapshot();
        } else if (dice < 30) {
            delete();
        } else if (dice < 42) {
            discard();
        } else if (dice < 46) {
            toggleMetadataSnapshot();
        } else if (dice < 49) {
            operation("set_transaction_id %d %d", transaction, transaction + 3);
            message("set_transaction_id %d %d", transaction, transaction + 3);
            transaction += 3;
        } else if (dice < 52 && !open.isEmpty()) {
            close(open.get(random.nextInt(open.size())));
        } else {
            write();
        }
    }

    private void create() {
        int id = unused();
        operation("create_thin %d", id);
        message("create_thin %d", id);
        volumes.add(id);
    }

    private void snapshot() {
        int origin = any();
        int id = unused();
        boolean active = open.contains(origin);
        operation("create_snap %d %d", id, origin);
        if (active) {
            guest("dmsetup suspend %s", device(origin));
        }
        message("create_snap %d %d", id, origin);
        if (active) {
            guest("dmsetup resume %s", device(origin));
        }
        volumes.add(id);
    }

    private void delete() {
        int id = any();
        close(id);
        operation("delete %d", id);
        message("delete %d", id);
        volumes.remove((Integer) id);
    }

    private void discard() {
        int id = opened();
        long begin = random.nextInt(BLOCKS_USED);
        long count = 1 + random.nextInt(random.nextInt(1, BLOCKS_USED));
        operation("discard %d %d %d", id, begin, count);
        guest("blkdiscard -o %d -l %d /dev/mapper/%s", begin * BLOCK_BYTES, count * BLOCK_BYTES, device(id));
        // Commits; a discard alone would wait for the pool to do that once a second.
        guest("dmsetup status %s >/dev/null", name());
    }

    /** A run of blocks, each in a transaction of its own: mostly with gaps, so that leaves fill up and split. */
    private void write() {
        int id = opened();
        int count = 1 + random.nextInt(12);
        int step = 1 + random.nextInt(60);
        long begin = random.nextInt(BLOCKS_USED - count * step);
        operation("fill %d %d %d %d", id, begin, count, step);
        for (int i = 0; i < count; i++) {
            guest("dd if=/dev/zero of=/dev/mapper/%s bs=%d seek=%d count=1 oflag=direct conv=notrunc,fsync 2>/dev/null",
                    device(id), BLOCK_BYTES, begin + (long) i * step);
        }
    }

    private void toggleMetadataSnapshot() {
        String message = held ? "release_metadata_snap" : "reserve_metadata_snap";
        held = !held;
        operation(message);
        message(message);
    }

    private int opened() {
        int id = any();
        if (!open.contains(id)) {
            operation("open %d", id);
            guest("dmsetup create %s --table '0 %d thin /dev/mapper/%s %d'", device(id), VOLUME_BLOCKS * BLOCK_SECTORS,
                    name(), id);
            open.add(id);
        }
        return id;
    }

    private void close(int id) {
        if (open.remove((Integer) id)) {
            operation("close %d", id);
            guest("dmsetup remove %s", device(id));
        }
    }

    private int any() {
        return volumes.get(random.nextInt(volumes.size()));
    }

    private int unused() {
        int id = random.nextInt(500);
        return volumes.contains(id) ? unused() : id;
    }

    private String device(int id) {
        return name() + "-" + id;
    }

    private void message(String message, Object... arguments) {
        guest("dmsetup message %s 0 '%s'", name(), message.formatted(arguments));
    }
}

package io.pdata.interop.kernel;

import java.util.LinkedHashSet;
import java.util.stream.Collectors;

/**
 * Writes down, as a shell script for the guest, what a user of a pool does through device-mapper. Devices are activated
 * when they are first used, and a few stay active.
 */
final class ThinGuest implements ThinSide {
    private static final int MOST_ACTIVE = 10;

    private final ThinPool pool;
    private final String metadata;
    private final String data;
    private final String source;
    private final StringBuilder script = new StringBuilder();
    private final LinkedHashSet<Integer> active = new LinkedHashSet<>();

    /** @param firstDisk the letter of the guest's disk that is the metadata image; data and source follow */
    ThinGuest(ThinPool pool, char firstDisk) {
        this.pool = pool;
        this.metadata = "/dev/vd" + firstDisk;
        this.data = "/dev/vd" + (char) (firstDisk + 1);
        this.source = "/dev/vd" + (char) (firstDisk + 2);
    }

    /** What has been written down so far. */
    String script() {
        return script.toString();
    }

    /** Activates the pool; the metadata device is the first blocks of its image. */
    void activate(long dataBlocks, long metadataBlocks) {
        line("dmsetup create %s-meta --table '0 %d linear %s 0'", pool.name(), metadataBlocks * 8, metadata);
        line("dmsetup create %s --table '%s'", pool.name(), table(dataBlocks));
    }

    /** Prints the pool's status as a line that begins with its name, and takes everything down. */
    void deactivate() {
        line("echo \"%s $(dmsetup status %s)\"", pool.name(), pool.name());
        String devices = active.stream().map(this::device).collect(Collectors.joining(" "));
        active.clear();
        line("dmsetup remove %s %s %s-meta", devices, pool.name(), pool.name());
    }

    private String table(long dataBlocks) {
        return "0 %d thin-pool /dev/mapper/%s-meta %s %d 0".formatted(dataBlocks * pool.blockSectors(), pool.name(),
                data, pool.blockSectors());
    }

    @Override
    public void create(int id) {
        message("create_thin %d", id);
    }

    @Override
    public void snapshot(int id, int origin) {
        if (active.contains(origin)) {
            line("dmsetup suspend %s", device(origin));
            message("create_snap %d %d", id, origin);
            line("dmsetup resume %s", device(origin));
        } else {
            message("create_snap %d %d", id, origin);
        }
    }

    @Override
    public void delete(int id) {
        close(id);
        message("delete %d", id);
    }

    @Override
    public void write(int id, long begin, int count, long tag) {
        copy(id, pool.blockBytes(), begin, tag, count);
    }

    @Override
    public void writePart(int id, long block, long tag) {
        int parts = pool.blockBytes() / BlockContent.PART;
        copy(id, BlockContent.PART, block * parts, tag * parts, 1);
    }

    private void copy(int id, int unit, long to, long from, int count) {
        open(id);
        line("dd if=%s of=/dev/mapper/%s bs=%d skip=%d seek=%d count=%d oflag=direct conv=notrunc 2>/dev/null", source,
                device(id), unit, from, to, count);
    }

    @Override
    public void discard(int id, long begin, long count) {
        open(id);
        line("blkdiscard -o %d -l %d /dev/mapper/%s", begin * pool.blockBytes(), count * pool.blockBytes(), device(id));
    }

    /** Prints the MD5 sum of some blocks of a volume, as {@code NAME-sum ID BEGIN COUNT MD5}. */
    void sum(int id, long begin, long count) {
        open(id);
        line("echo \"%s-sum %d %d %d $(dd if=/dev/mapper/%s bs=%d skip=%d count=%d 2>/dev/null | md5sum)\"",
                pool.name(), id, begin,
                count, device(id), pool.blockBytes(), begin, count);
    }

    @Override
    public void reserveMetadataSnapshot() {
        message("reserve_metadata_snap");
    }

    @Override
    public void releaseMetadataSnapshot() {
        message("release_metadata_snap");
    }

    @Override
    public void setTransactionId(long current, long next) {
        message("set_transaction_id %d %d", current, next);
    }

    @Override
    public void grow(long dataBlocks, long metadataBlocks) {
        line("dmsetup suspend %s", pool.name());
        reload(pool.name() + "-meta", "0 %d linear %s 0".formatted(metadataBlocks * 8, metadata));
        reload(pool.name(), table(dataBlocks));
    }

    private void reload(String name, String table) {
        line("dmsetup load %s --table '%s'", name, table);
        line("dmsetup suspend %s", name);
        line("dmsetup resume %s", name);
    }

    /** Activates a volume unless it is active. */
    void open(int id) {
        if (active.remove(id)) {
            active.addLast(id);
            return;
        }
        if (active.size() == MOST_ACTIVE) {
            close(active.getFirst());
        }
        line("dmsetup create %s --table '0 %d thin /dev/mapper/%s %d'", device(id),
                ThinPool.VOLUME_BLOCKS * pool.blockSectors(), pool.name(), id);
        active.addLast(id);
    }

    private void close(int id) {
        if (active.remove(id)) {
            line("dmsetup remove %s", device(id));
        }
    }

    private String device(int id) {
        return pool.name() + "-" + id;
    }

    private void message(String message, Object... arguments) {
        line("dmsetup message %s 0 '%s'", pool.name(), message.formatted(arguments));
    }

    private void line(String format, Object... arguments) {
        script.append(format.formatted(arguments)).append('\n');
    }
}

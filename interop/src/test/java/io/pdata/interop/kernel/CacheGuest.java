package io.pdata.interop.kernel;

/** Writes down, as a shell script for the guest, what a user of a cache does through device-mapper. */
final class CacheGuest implements CacheSide {
    static final int BLOCK_SECTORS = 64;
    static final int BLOCK_BYTES = BLOCK_SECTORS * 512;

    private final StringBuilder script = new StringBuilder();
    private final String name;
    private final int version;
    private final int originBlocks;
    private final char firstDisk;

    /** @param firstDisk the letter of the guest's disk that is the metadata image; fast, origin, source follow */
    CacheGuest(String name, int version, int originBlocks, char firstDisk) {
        this.name = name;
        this.version = version;
        this.originBlocks = originBlocks;
        this.firstDisk = firstDisk;
    }

    String script() {
        return script.toString();
    }

    private String disk(int index) {
        return "/dev/vd" + (char) (firstDisk + index);
    }

    /**
     * Activates the cache, as large as {@code cacheBlocks}.
     *
     * @param metadata which disk has the metadata
     */
    void activate(int metadata, int cacheBlocks, String policy) {
        line("dmsetup create %s-fast --table '0 %d linear %s 0'", name, cacheBlocks * BLOCK_SECTORS, disk(1));
        line("dmsetup create %s --table '0 %d cache %s /dev/mapper/%s-fast %s %d %s %s 2 migration_threshold 0'", name,
                originBlocks * BLOCK_SECTORS, disk(metadata), name, disk(2), BLOCK_SECTORS,
                version == 2 ? "2 metadata2 writeback" : "1 writeback", policy);
    }

    /** Lets the policy promote, demote and write back in the background; without, only whole writes get in. */
    void migrate() {
        line("dmsetup message %s 0 migration_threshold 2048", name);
    }

    /** Waits until nothing is dirty, which a policy that cleans brings about. */
    void waitUntilClean() {
        line("while [ \"$(dmsetup status %s | cut -d' ' -f14)\" != 0 ]; do sleep 0.3; done", name);
    }

    /** Stops migrations, and takes everything down; before, the status: a line that begins with a word. */
    void deactivate(String word) {
        line("dmsetup message %s 0 migration_threshold 0", name);
        // What is in flight ends before the suspension does; so the numbers are those of the metadata as it is left.
        line("dmsetup suspend %s", name);
        status(word);
        line("dmsetup remove %s %s-fast", name, name);
    }

    /** Stops migrations for a while, commits with a status, and copies the metadata as they are in mid-use. */
    void copyInUse(String word, int disk) {
        line("dmsetup message %s 0 migration_threshold 0", name);
        line("sleep 0.5");
        status(word);
        copyMetadata(disk);
        migrate();
    }

    /** Copies the metadata to another disk. */
    void copyMetadata(int disk) {
        line("dd if=%s of=%s bs=64k 2>/dev/null", disk(0), disk(disk));
    }

    private void status(String word) {
        line("echo \"%s $(dmsetup status %s)\"", word, name);
    }

    /** Prints the MD5 sum of the whole device, in a line that begins with a word. */
    void sum(String word) {
        line("echo \"%s $(dd if=/dev/mapper/%s bs=1M 2>/dev/null | md5sum)\"", word, name);
    }

    @Override
    public void write(int begin, int count, long tag) {
        line("dd if=%s of=/dev/mapper/%s bs=%d skip=%d seek=%d count=%d oflag=direct conv=notrunc 2>/dev/null", disk(3),
                name, BLOCK_BYTES, tag, begin, count);
    }

    @Override
    public void writePart(int block, long tag) {
        int parts = BLOCK_BYTES / BlockContent.PART;
        line("dd if=%s of=/dev/mapper/%s bs=%d skip=%d seek=%d count=1 oflag=direct conv=notrunc 2>/dev/null", disk(3),
                name, BlockContent.PART, tag * parts, block * parts);
    }

    @Override
    public void read(int begin, int count) {
        line("dd if=/dev/mapper/%s of=/dev/null bs=%d skip=%d count=%d iflag=direct 2>/dev/null", name, BLOCK_BYTES,
                begin, count);
    }

    @Override
    public void discard(int begin, int count) {
        line("blkdiscard -o %d -l %d /dev/mapper/%s", (long) begin * BLOCK_BYTES, (long) count * BLOCK_BYTES, name);
    }

    private void line(String format, Object... arguments) {
        script.append(format.formatted(arguments)).append('\n');
    }
}

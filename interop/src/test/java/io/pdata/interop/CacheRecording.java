package io.pdata.interop;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Random sizes and discards of a cache in which nothing is ever mapped, recorded. */
final class CacheRecording extends Recording {
    private static final int BLOCK_SECTORS = 64;
    private static final int ORIGIN_BLOCKS = 20_000;
    /** Origin sectors per discard block: doubled until there are 16384 of them at most. */
    private static final int DISCARD_SECTORS = 128;
    private static final int DISCARD_BLOCKS = ORIGIN_BLOCKS * BLOCK_SECTORS / DISCARD_SECTORS;
    private static final int MOST_BLOCKS = 4000;
    static final long FAST_BYTES = (long) MOST_BLOCKS * BLOCK_SECTORS * 512;
    static final long ORIGIN_BYTES = (long) ORIGIN_BLOCKS * BLOCK_SECTORS * 512;

    private final SplittableRandom random;
    private final int version;
    private final BitSet discarded = new BitSet();
    private int size;

    CacheRecording(Path folder, String name, SplittableRandom random, int version, long metadataBlocks,
            char firstDisk) {
        super(folder, name, metadataBlocks, firstDisk);
        this.random = random;
        this.version = version;
        operation("format %d %d %d", metadataBlocks, BLOCK_SECTORS, version);
    }

    /** Activates the cache, discards, and shuts down, with images. */
    void session() {
        int blocks = 1 + random.nextInt(MOST_BLOCKS);
        operation("open");
        if (blocks != size) {
            operation("resize %d", blocks);
            size = blocks;
        }
        guest("dmsetup create %s-fast --table '0 %d linear %s 0'", name(), blocks * BLOCK_SECTORS, disk(2));
        guest("dmsetup create %s --table '0 %d cache %s /dev/mapper/%s-fast %s %d %s smq 0'", name(),
                ORIGIN_BLOCKS * BLOCK_SECTORS, disk(0), name(), disk(3), BLOCK_SECTORS,
                version == 2 ? "2 metadata2 writeback" : "1 writeback");
        for (int i = random.nextInt(4); i > 0; i--) {
            discard();
        }
        commit();
        image();
        String ranges = discarded.isEmpty() ? "" : " " + ranges();
        operation("shutdown %d %d%s", DISCARD_SECTORS, DISCARD_BLOCKS, ranges);
        operation("close");
        guest("dmsetup remove %s %s-fast", name(), name());
        image();
    }

    private void discard() {
        int begin = random.nextInt(DISCARD_BLOCKS);
        int count = 1 + random.nextInt(Math.min(DISCARD_BLOCKS - begin, 3000));
        discarded.set(begin, begin + count);
        operation("discard %d %d", begin * DISCARD_SECTORS, count * DISCARD_SECTORS);
        guest("blkdiscard -o %d -l %d /dev/mapper/%s", begin * DISCARD_SECTORS * 512L, count * DISCARD_SECTORS * 512L,
                name());
    }

    private void commit() {
        operation("commit");
        guest("dmsetup status %s >/dev/null", name());
    }

    private String ranges() {
        return discarded.stream().filter(bit -> bit == 0 || !discarded.get(bit - 1))
                .mapToObj(bit -> bit + "-" + (discarded.nextClearBit(bit) - 1)).collect(Collectors.joining(" "));
    }
}

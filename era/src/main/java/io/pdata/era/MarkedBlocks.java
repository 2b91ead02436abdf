package io.pdata.era;

import java.util.concurrent.atomic.AtomicLongArray;

/** A bit for each block, read by any thread while the writer sets bits. */
final class MarkedBlocks {
    private final AtomicLongArray words;

    MarkedBlocks(long blocks) {
        words = new AtomicLongArray(Math.toIntExact(Math.ceilDiv(blocks, Long.SIZE)));
    }

    boolean get(long block) {
        return (words.getAcquire((int) (block / Long.SIZE)) >>> block & 1) != 0;
    }

    /** Only the writer calls this. */
    void set(long block) {
        int word = (int) (block / Long.SIZE);
        words.setRelease(word, words.getPlain(word) | 1L << block);
    }
}

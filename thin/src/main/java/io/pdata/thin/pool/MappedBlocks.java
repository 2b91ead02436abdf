package io.pdata.thin.pool;

import io.pdata.thin.BlockTime;
import io.pdata.thin.ThinView;

/** Mapped blocks of a volume that follow each other, with gaps where blocks are not mapped: a bounded buffer. */
final class MappedBlocks {
    /** About as many as a leaf of the mapping tree has. */
    private static final int MOST = 256;

    private final long[] blocks;
    private final long[] mappings;
    private int count;

    /** @param wanted how many blocks are of interest; room is made for at most {@value #MOST} */
    MappedBlocks(long wanted) {
        blocks = new long[Math.clamp(wanted, 1, MOST)];
        mappings = new long[blocks.length];
    }

    MappedBlocks ofSameSize() {
        return new MappedBlocks(blocks.length);
    }

    void clear() {
        count = 0;
    }

    /** Takes the next mappings of a view, from a block on. */
    void read(ThinView view, long device, long from) {
        count = view.nextMappings(device, from, blocks, mappings);
    }

    /** Appends a block if it is mapped and there is room; the caller continues after the last that had room. */
    void add(long block, long mapping) {
        if (mapping != BlockTime.UNMAPPED && count < blocks.length) {
            blocks[count] = block;
            mappings[count] = mapping;
            count++;
        }
    }

    boolean isEmpty() {
        return count == 0;
    }

    int count() {
        return count;
    }

    long block(int index) {
        return blocks[index];
    }

    long mapping(int index) {
        return mappings[index];
    }

    /** The last block; there must be one. */
    long last() {
        return blocks[count - 1];
    }
}

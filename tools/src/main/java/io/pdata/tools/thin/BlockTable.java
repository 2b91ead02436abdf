package io.pdata.tools.thin;

import java.util.Arrays;

/** A number for each block, in memory that is taken in chunks where numbers are set. Not thread-safe. */
final class BlockTable {
    private static final int CHUNK = 1024;

    private final int[][] chunks;
    private final int initial;

    /** @param initial the number that each block has to begin with */
    BlockTable(int blocks, int initial) {
        this.chunks = new int[blocks / CHUNK + 1][];
        this.initial = initial;
    }

    int get(int block) {
        int[] chunk = chunks[block / CHUNK];
        return chunk == null ? initial : chunk[block % CHUNK];
    }

    void set(int block, int value) {
        int[] chunk = chunks[block / CHUNK];
        if (chunk == null) {
            chunk = new int[CHUNK];
            Arrays.fill(chunk, initial);
            chunks[block / CHUNK] = chunk;
        }
        chunk[block % CHUNK] = value;
    }
}

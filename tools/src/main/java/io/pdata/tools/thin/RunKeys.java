package io.pdata.tools.thin;

/** The first and the last key of each shared run of leaves, by the run's first leaf; in memory taken in chunks. Not thread-safe. */
final class RunKeys {
    private static final int CHUNK = 512;

    private final long[][] chunks;
    private final boolean[][] known;

    RunKeys(int blocks) {
        this.chunks = new long[blocks / CHUNK + 1][];
        this.known = new boolean[blocks / CHUNK + 1][];
    }

    /** Notes the keys of a run that has any. */
    void set(int leaf, KeyOrder keys) {
        if (!keys.any()) {
            return;
        }
        int chunk = leaf / CHUNK;
        if (chunks[chunk] == null) {
            chunks[chunk] = new long[2 * CHUNK];
            known[chunk] = new boolean[CHUNK];
        }
        chunks[chunk][leaf % CHUNK * 2] = keys.first();
        chunks[chunk][leaf % CHUNK * 2 + 1] = keys.last();
        known[chunk][leaf % CHUNK] = true;
    }

    /** Puts the run that begins with a leaf in its place among the leaves of a device. */
    void follow(int leaf, KeyOrder device) {
        int chunk = leaf / CHUNK;
        if (chunks[chunk] != null && known[chunk][leaf % CHUNK]) {
            device.stretch(leaf, chunks[chunk][leaf % CHUNK * 2], chunks[chunk][leaf % CHUNK * 2 + 1]);
        }
    }
}

package io.pdata.reliability.lost;

/**
 * The ways in which random pools live: how large their metadata is, and what happens to them besides writes, discards and
 * snapshots. Sizes are in blocks; what happens is said as one chance in so many commits, 0 for never.
 *
 * @param name the row of the table
 * @param blocks the size of the metadata device
 * @param commits how many transactions there are at most
 * @param steps how many operations a transaction has at most
 * @param deletion how often a device is deleted
 * @param growth how often metadata and data grow
 * @param held how often a metadata snapshot is taken or released
 * @param reopening how often the pool is closed and opened
 * @param restored after how many transactions it is dumped and restored once; 0 for never
 * @param byPeer whether that is done by the reference tools
 */
record Life(String name, int blocks, int commits, int steps, int deletion, int growth, int held, int reopening,
        int restored, boolean byPeer) {
    static final Life[] ALL = {
        new Life("fresh", 4096, 12, 6, 12, 0, 0, 0, 0, false),
        new Life("not wrapped", 8192, 120, 12, 10, 0, 0, 0, 0, false),
        new Life("wrapped once", 1024, 90, 6, 12, 0, 0, 0, 0, false),
        new Life("wrapped often", 300, 250, 5, 10, 0, 0, 0, 0, false),
        new Life("one change in a commit", 200, 250, 1, 15, 0, 0, 0, 0, false),
        new Life("snapshots deleted", 600, 200, 3, 2, 0, 0, 0, 0, false),
        new Life("grown", 250, 120, 4, 12, 15, 0, 0, 0, false),
        new Life("metadata snapshot", 500, 150, 4, 12, 0, 8, 0, 0, false),
        new Life("reopened", 400, 150, 4, 12, 0, 0, 10, 0, false),
        new Life("reopened at every commit", 400, 60, 4, 12, 0, 0, 1, 0, false),
        new Life("all of it", 400, 200, 4, 8, 30, 12, 20, 0, false),
        new Life("restored by us, and used on", 700, 100, 4, 12, 0, 0, 0, 40, false),
        new Life("restored by 1.1.0, and used on", 700, 100, 4, 12, 0, 0, 0, 40, true)};
}

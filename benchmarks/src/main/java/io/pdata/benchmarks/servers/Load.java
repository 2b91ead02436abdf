package io.pdata.benchmarks.servers;

import io.pdata.benchmarks.servers.Contender.State;
import java.util.List;

/**
 * What clients do.
 *
 * @param name what tables call it
 * @param group the chart that it belongs to
 * @param state what they do it to
 * @param pattern fio's name of it
 * @param blockSize in bytes
 * @param depth how many requests of a connection are on their way at a time
 * @param connections how many clients there are
 */
record Load(String name, String group, State state, String pattern, int blockSize, int depth, int connections) {
    private static final int SMALL = 4 << 10;
    private static final int LARGE = 256 << 10;

    /** Those of the documents. */
    static List<Load> all() {
        return List.of(random("read", 1, 1), random("read", 32, 1), random("read", 1, 4), random("read", 32, 4),
                random("write", 1, 1), random("write", 32, 1), random("write", 1, 4), random("write", 32, 4),
                new Load("read 256K", "sequential", State.WRITTEN, "read", LARGE, 8, 1),
                new Load("write 256K", "sequential", State.WRITTEN, "write", LARGE, 8, 1),
                new Load("new space 1x1", "copying", State.EMPTY, "randwrite", SMALL, 1, 1),
                new Load("new space 32x1", "copying", State.EMPTY, "randwrite", SMALL, 32, 1),
                new Load("snapshot 1x1", "copying", State.SNAPSHOT, "randwrite", SMALL, 1, 1),
                new Load("snapshot 32x1", "copying", State.SNAPSHOT, "randwrite", SMALL, 32, 1));
    }

    private static Load random(String what, int depth, int connections) {
        return new Load(what + " " + depth + "x" + connections, "random " + what, State.WRITTEN, "rand" + what, SMALL,
                depth, connections);
    }
}

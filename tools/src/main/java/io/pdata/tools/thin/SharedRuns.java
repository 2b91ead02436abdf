package io.pdata.tools.thin;

import io.pdata.core.btree.LeafRun;
import java.util.Arrays;

/**
 * The runs of leaves that devices can share, by name. The leaves of all runs lie in consecutive blocks. Memory: 8 bytes
 * for each leaf, and some 60 for each run. Not thread-safe.
 */
final class SharedRuns {
    private static final int FIRST_SIZE = 64;

    // Of each leaf, by number of block from the first on.
    private long firstBlock;
    private long[] keys = new long[FIRST_SIZE];
    private int leaves;

    // Of each run, in the order in which they came. Its leaves end where those of the next run begin.
    private long[] names = new long[FIRST_SIZE];
    private int[] firstLeaf = new int[FIRST_SIZE];
    private long[] lastKeys = new long[FIRST_SIZE];
    private boolean[] small = new boolean[FIRST_SIZE];
    private long[] entries = new long[FIRST_SIZE];
    private int runs;

    // Where a run is in the lists above, plus one, by its name; open addressing, at most half full.
    private int[] byName = new int[2 * FIRST_SIZE];

    /** Adds a run with its number of mappings; returns false if the name is taken. */
    boolean add(long name, LeafRun run, long mappings) {
        growTo(run.leaves());
        int slot = slot(name);
        if (byName[slot] != 0) {
            return false;
        }
        if (leaves == 0 && run.leaves() > 0) {
            firstBlock = run.block(0);
        }
        names[runs] = name;
        firstLeaf[runs] = leaves;
        lastKeys[runs] = run.lastKey();
        small[runs] = run.small();
        entries[runs] = mappings;
        for (int i = 0; i < run.leaves(); i++) {
            if (run.block(i) != firstBlock + leaves) {
                throw new IllegalArgumentException("the leaves of runs must lie in consecutive blocks");
            }
            keys[leaves++] = run.key(i);
        }
        byName[slot] = ++runs;
        return true;
    }

    /** The run of a name, or null. */
    LeafRun get(long name) {
        int run = byName[slot(name)] - 1;
        return run < 0 ? null : new Run(run);
    }

    /** How many mappings the run of a name has; 0 if there is none. */
    long mappings(long name) {
        int run = byName[slot(name)] - 1;
        return run < 0 ? 0 : entries[run];
    }

    /** The first leaf of all runs. */
    long firstBlock() {
        return firstBlock;
    }

    /** How many leaves all runs have, in consecutive blocks. */
    int leaves() {
        return leaves;
    }

    private int slot(long name) {
        int mask = byName.length - 1;
        int slot = Long.hashCode(name * 0x9E37_79B9_7F4A_7C15L) & mask;
        while (byName[slot] != 0 && names[byName[slot] - 1] != name) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void growTo(int more) {
        while (leaves + more > keys.length) {
            keys = Arrays.copyOf(keys, 2 * keys.length);
        }
        if (runs == names.length) {
            names = Arrays.copyOf(names, 2 * runs);
            firstLeaf = Arrays.copyOf(firstLeaf, 2 * runs);
            lastKeys = Arrays.copyOf(lastKeys, 2 * runs);
            small = Arrays.copyOf(small, 2 * runs);
            entries = Arrays.copyOf(entries, 2 * runs);
            byName = new int[4 * runs];
            for (int i = 0; i < runs; i++) {
                byName[slot(names[i])] = i + 1;
            }
        }
    }

    private final class Run implements LeafRun {
        private final int first;
        private final int count;
        private final int run;

        Run(int run) {
            this.run = run;
            this.first = firstLeaf[run];
            this.count = (run + 1 < runs ? firstLeaf[run + 1] : leaves) - first;
        }

        @Override
        public int leaves() {
            return count;
        }

        @Override
        public long block(int i) {
            return firstBlock + first + i;
        }

        @Override
        public long key(int i) {
            return keys[first + i];
        }

        @Override
        public long lastKey() {
            return lastKeys[run];
        }

        @Override
        public boolean small() {
            return small[run];
        }
    }
}

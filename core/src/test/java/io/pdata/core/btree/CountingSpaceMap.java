package io.pdata.core.btree;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.space.SpaceMap;
import io.pdata.core.space.SpaceMapRoot;
import java.util.Arrays;

/**
 * A space map in memory: allocates linearly, wraps once, and hands out only what was free at the last commit too. Block 0
 * is in use.
 */
final class CountingSpaceMap implements SpaceMap {
    final int[] counts;
    private int[] committed;
    private int begin;
    private long free;

    /** How many allocations may still succeed; for tests of running out of space at any place. */
    long allocationsLeft = Long.MAX_VALUE;

    CountingSpaceMap(int blocks) {
        counts = new int[blocks];
        counts[0] = 1;
        committed = counts.clone();
        free = blocks - 1;
    }

    private CountingSpaceMap(int[] counts, long free) {
        this.counts = counts;
        this.committed = counts.clone();
        this.free = free;
    }

    CountingSpaceMap copy() {
        return new CountingSpaceMap(counts.clone(), free);
    }

    @Override
    public String name() {
        return "counting space map";
    }

    @Override
    public long blocks() {
        return counts.length;
    }

    @Override
    public long free() {
        return free;
    }

    @Override
    public long count(long block) {
        return counts[index(block)];
    }

    @Override
    public boolean isShared(long block) {
        return counts[index(block)] > 1;
    }

    @Override
    public void inc(long from, long end) {
        for (long b = from; b < end; b++) {
            if (counts[index(b)]++ == 0) {
                free--;
            }
        }
    }

    @Override
    public void dec(long from, long end) {
        for (long b = from; b < end; b++) {
            if (counts[index(b)] == 0) {
                throw new CorruptionException(b, "counted block", "is free already");
            }
            if (--counts[(int) b] == 0) {
                free++;
            }
        }
    }

    @Override
    public long newBlock() {
        if (allocationsLeft-- > 0) {
            for (int tried = 0; tried < counts.length; tried++) {
                int block = (begin + tried) % counts.length;
                if (counts[block] == 0 && committed[block] == 0) {
                    begin = block + 1;
                    counts[block] = 1;
                    free--;
                    return block;
                }
            }
        }
        throw new NoSpaceException(name(), free, counts.length);
    }

    @Override
    public void extend(long extra) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void commit() {
        committed = counts.clone();
    }

    @Override
    public SpaceMapRoot root() {
        return new SpaceMapRoot(counts.length, counts.length - free, 0, 0);
    }

    @Override
    public void reload(SpaceMapRoot root) {
        System.arraycopy(committed, 0, counts, 0, counts.length);
        free = Arrays.stream(counts).filter(count -> count == 0).count();
        begin = 0;
    }

    private int index(long block) {
        if (block < 0 || block >= counts.length) {
            throw new CorruptionException(block, "counted block", "lies beyond the map");
        }
        return (int) block;
    }
}

package io.pdata.core.spacemap;

import io.pdata.core.space.SpaceMap;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.transaction.TransactionManager;

/** STUB. */
public final class DiskSpaceMap implements SpaceMap {
    /** A map that is neither formatted nor opened yet: {@link #create} or {@link #reload} comes first. */
    public DiskSpaceMap(TransactionManager transactions) {}

    /** A new map of no blocks: an empty index tree, then an empty overflow tree. */
    public void create() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String name() {
        return "data space map";
    }
    @Override
    public long blocks() {
        throw new UnsupportedOperationException();
    }
    @Override
    public long free() {
        throw new UnsupportedOperationException();
    }
    @Override
    public long count(long block) {
        throw new UnsupportedOperationException();
    }
    @Override
    public boolean isShared(long block) {
        throw new UnsupportedOperationException();
    }
    @Override
    public void inc(long begin, long end) {
        throw new UnsupportedOperationException();
    }
    @Override
    public void dec(long begin, long end) {
        throw new UnsupportedOperationException();
    }
    @Override
    public long newBlock() {
        throw new UnsupportedOperationException();
    }
    @Override
    public void extend(long extra) {
        throw new UnsupportedOperationException();
    }
    @Override
    public void commit() {
        throw new UnsupportedOperationException();
    }
    @Override
    public SpaceMapRoot root() {
        throw new UnsupportedOperationException();
    }
    @Override
    public void reload(SpaceMapRoot committed) {
        throw new UnsupportedOperationException();
    }
}

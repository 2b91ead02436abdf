package io.pdata.core.spacemap;

import io.pdata.core.space.ReuseGuard;
import io.pdata.core.space.SpaceMap;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.transaction.TransactionManager;

/** STUB. */
public final class MetadataSpaceMap implements SpaceMap {
    public static final long MAX_BLOCKS = 255L * 16320;

    /** A map that is neither formatted nor opened yet: {@link #format} or {@link #reload} comes first. */
    public MetadataSpaceMap(TransactionManager transactions, ReuseGuard guard) {}

    /** Format document 5.7. */
    public void format(long blocks) {
        throw new UnsupportedOperationException();
    }

    /** Format document 5.9: edge-triggered callback; one at a time. */
    public void onLowSpace(long threshold, Runnable callback) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String name() {
        return "metadata space map";
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

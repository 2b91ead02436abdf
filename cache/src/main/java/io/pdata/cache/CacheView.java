package io.pdata.cache;

import io.pdata.core.transaction.ReadView;

/**
 * One committed state of cache metadata, unchanged until it is closed, whatever the writer does meanwhile.
 *
 * <p>Any number of threads may read through one view; it must not be closed while one does. A view that is never closed
 * keeps blocks from being used again.
 */
public final class CacheView implements AutoCloseable {
    private final ReadView<CacheSuperblock> view;
    private final CacheReader reader;

    CacheView(ReadView<CacheSuperblock> view) {
        this.view = view;
        this.reader = new CacheReader(view, view.roots(), view.roots().cleanShutdown());
    }

    /** What this commit wrote. */
    public CacheSuperblock superblock() {
        return view.roots();
    }

    public CacheReader reader() {
        return reader;
    }

    @Override
    public void close() {
        view.close();
    }
}

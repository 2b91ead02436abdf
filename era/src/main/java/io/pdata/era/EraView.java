package io.pdata.era;

import io.pdata.core.transaction.ReadView;

/**
 * One committed state of era metadata, unchanged until it is closed, whatever the writer does meanwhile.
 *
 * <p>Any number of threads may read through one view; it must not be closed while one does. A view that is never closed
 * keeps blocks from being used again.
 */
public final class EraView implements AutoCloseable {
    private final ReadView<EraSuperblock> view;
    private final EraReader reader;

    EraView(ReadView<EraSuperblock> view) {
        this.view = view;
        this.reader = new EraReader(view, view.roots());
    }

    public EraSuperblock superblock() {
        return view.roots();
    }

    public EraReader reader() {
        return reader;
    }

    @Override
    public void close() {
        view.close();
    }
}

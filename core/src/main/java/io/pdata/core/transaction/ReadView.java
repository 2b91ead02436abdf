package io.pdata.core.transaction;

import io.pdata.core.block.Block;
import io.pdata.core.block.BlockManager;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.space.ReuseGuard;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A committed state of the metadata that stays readable, unchanged, until it is closed, whatever the writer does.
 *
 * <p>A view neither waits for the writer nor holds it up; it only keeps blocks from being used again, so one that is
 * never closed costs space: {@link TransactionManager#openViews} tells where it was opened. Any number of threads may use one view; it must not be closed while another thread reads
 * through it.
 *
 * @param <R> what describes the state: the roots, as the format captures them
 */
public final class ReadView<R> implements BlockReader, AutoCloseable {
    private final BlockManager blocks;
    private final ReuseGuard guard;
    private final ReuseGuard.Entry<R> entry;
    private final ViewRegistry registry;
    private final ViewRegistry.Place place;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CursorRegistry cursors = new CursorRegistry();

    ReadView(BlockManager blocks, ReuseGuard guard, ReuseGuard.Entry<R> entry, ViewRegistry registry) {
        this.blocks = blocks;
        this.guard = guard;
        this.entry = entry;
        this.registry = registry;
        this.place = registry.add();
    }

    /** The roots that this view sees. */
    public R roots() {
        return entry.state();
    }

    @Override
    public long blocks() {
        return blocks.blocks();
    }

    @Override
    public Block cached(long block) {
        checkOpen();
        return blocks.cached(block);
    }

    @Override
    public Block readLock(long block, BlockValidator validator) {
        checkOpen();
        return blocks.readLock(block, validator);
    }

    @Override
    public void prefetch(long block) {
        checkOpen();
        blocks.prefetch(block);
    }

    @Override
    public void checkRoot(long root) {
        checkOpen();
    }

    @Override
    public void opened(OpenCursor cursor) {
        cursors.add(cursor);
    }

    @Override
    public void closed(OpenCursor cursor) {
        cursors.remove(cursor);
    }

    /**
     * Lets the writer have the blocks that were kept for this view. Cursors that are still open end, and say so when they
     * are used again. Closing twice does nothing.
     */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            cursors.expireAll("the view that this cursor reads has been closed");
            registry.remove(place);
            guard.leave(entry.epoch());
        }
    }

    private void checkOpen() {
        if (closed.getPlain()) {
            throw new IllegalStateException("this view has been closed");
        }
    }
}

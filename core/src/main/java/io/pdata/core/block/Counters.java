package io.pdata.core.block;

import java.util.concurrent.atomic.LongAdder;

/** The running totals behind {@link BlockStats}. */
final class Counters {
    final LongAdder blocksRead = new LongAdder();
    final LongAdder evictions = new LongAdder();
    final LongAdder blocksWritten = new LongAdder();
    final LongAdder writes = new LongAdder();
    final LongAdder writeBacks = new LongAdder();
    final LongAdder flushes = new LongAdder();

    BlockStats snapshot(FramePool pool) {
        return new BlockStats(pool.frames(), pool.dirtyCount(), blocksRead.sum(), evictions.sum(), blocksWritten.sum(),
                writes.sum(), writeBacks.sum(), flushes.sum());
    }
}

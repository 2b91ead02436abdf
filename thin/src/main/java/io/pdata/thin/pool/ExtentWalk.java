package io.pdata.thin.pool;

import io.pdata.core.block.CorruptionException;
import io.pdata.thin.pool.Volume.Extent;
import io.pdata.thin.pool.Volume.ExtentVisitor;

/** Describes a range of a volume, going from one mapped block to the next. For one use. */
final class ExtentWalk {
    private final Volume volume;
    private final long blockBytes;
    private final long end;
    private final ExtentVisitor visitor;
    /** Where the extent begins that has not been shown yet; it ends before {@link #nextBlock}. */
    private long from;
    private Extent extent;
    private long nextBlock;
    private boolean wanted = true;

    /** @param end in bytes, as is {@code position} */
    ExtentWalk(Volume volume, long position, long end, ExtentVisitor visitor) {
        this.volume = volume;
        this.blockBytes = volume.blockBytes();
        this.end = end;
        this.visitor = visitor;
        this.from = position;
        this.nextBlock = position / blockBytes;
    }

    void run() {
        try {
            walk(Math.ceilDiv(end, blockBytes));
        } catch (CorruptionException e) {
            if (extent == null) {
                throw e; // a request that begins at the damage will hear of it
            }
        }
        show();
    }

    private void walk(long endBlock) {
        MappedBlocks mapped = new MappedBlocks(endBlock - nextBlock);
        while (wanted && nextBlock < endBlock) {
            volume.nextMapped(nextBlock, endBlock, mapped);
            for (int i = 0; i < mapped.count() && mapped.block(i) < endBlock && wanted; i++) {
                unmappedUpTo(mapped.block(i));
                upTo(mapped.block(i) + 1, volume.extentOf(mapped.block(i), mapped.mapping(i)));
            }
            if (mapped.isEmpty() || mapped.last() >= endBlock) {
                unmappedUpTo(endBlock);
            }
        }
    }

    private void unmappedUpTo(long block) {
        upTo(Math.min(block, volume.originBlocks()), Extent.ORIGIN);
        upTo(block, Extent.UNMAPPED);
    }

    private void upTo(long block, Extent next) {
        if (block <= nextBlock || !wanted) {
            return;
        }
        if (extent != next) {
            show();
            extent = next;
        }
        nextBlock = block;
    }

    private void show() {
        long to = Math.min(nextBlock * blockBytes, end);
        if (extent != null && wanted && to > from) {
            wanted = visitor.visit(to - from, extent);
            from = to;
        }
    }
}

package io.pdata.server;

import io.pdata.nbd.MetadataContext;
import io.pdata.thin.pool.Volume.Extent;
import io.pdata.thin.pool.Volume.ExtentVisitor;
import io.pdata.thin.pool.Volume;

/**
 * What {@code base:allocation} says of a volume: what has never been written is a hole that reads as zeroes. Shared data is
 * data, although writing to it may need space ({@link SharingContext} says so): copying tools leave holes out.
 *
 * <p>Asked for every read, so it makes no objects for a read within a block. For one thread.
 */
final class AllocationContext implements MetadataContext, ExtentVisitor {
    /** NBD_STATE_HOLE and NBD_STATE_ZERO. */
    private static final int HOLE_OF_ZEROES = 1 | 2;
    private static final int DATA = 0;

    private final Volume volume;
    private Extents extents;

    AllocationContext(Volume volume) {
        this.volume = volume;
    }

    @Override
    public String name() {
        return "base:allocation";
    }

    @Override
    public void describe(long position, long length, Extents wanted) {
        extents = wanted;
        volume.describe(position, length, this);
    }

    @Override
    public boolean visit(long length, Extent extent) {
        return extents.extent(length, extent == Extent.UNMAPPED ? HOLE_OF_ZEROES : DATA);
    }
}

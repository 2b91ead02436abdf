package io.pdata.server;

import io.pdata.nbd.MetadataContext;
import io.pdata.thin.pool.Volume.Extent;
import io.pdata.thin.pool.Volume;

/**
 * What {@code base:allocation} says of a volume: what has never been written is a hole that reads as zeroes. Shared data
 * is data: copying tools leave holes out.
 */
record AllocationContext(Volume volume) implements MetadataContext {
    /** NBD_STATE_HOLE and NBD_STATE_ZERO. */
    private static final int HOLE_OF_ZEROES = 1 | 2;
    private static final int DATA = 0;

    @Override
    public String name() {
        return "base:allocation";
    }

    @Override
    public void describe(long position, long length, Extents extents) {
        volume.describe(position, length,
                (bytes, extent) -> extents.extent(bytes, extent == Extent.UNMAPPED ? HOLE_OF_ZEROES : DATA));
    }
}

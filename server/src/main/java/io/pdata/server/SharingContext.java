package io.pdata.server;

import io.pdata.nbd.MetadataContext;
import io.pdata.thin.pool.Volume;

/**
 * {@code x-pdata:sharing}: whom the storage of a volume belongs to, and so whether writing to it needs space of the pool.
 *
 * <ul>
 * <li>0: there is none; writing needs a block of the pool (out of space: ENOSPC).
 * <li>1: it is this volume's alone; writing needs no space.
 * <li>2: a snapshot, or the volume that this is a snapshot of, may have it too; writing copies it first, which needs a block
 * of the pool (out of space: ENOSPC), unless the others have gone in the meantime.
 * </ul>
 */
record SharingContext(Volume volume) implements MetadataContext {
    static final String NAME = "x-pdata:sharing";

    private static final int NONE = 0;
    private static final int EXCLUSIVE = 1;
    private static final int SHARED = 2;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void describe(long position, long length, Extents extents) {
        volume.describe(position, length, (bytes, extent) -> extents.extent(bytes, switch (extent) {
        case UNMAPPED, ORIGIN -> NONE;
        case OWN -> EXCLUSIVE;
        case SHARED -> SHARED;
        }));
    }
}

package io.pdata.server;

import io.pdata.nbd.MetadataContext;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.Difference;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import io.pdata.thin.pool.NamedPool;
import io.pdata.thin.pool.NamedVolume;

/**
 * {@code qemu:dirty-bitmap:since-NAME}: where a volume differs from another of its family, in whole blocks of the pool. Who
 * has a copy of the other needs no more than what is dirty (1) to have one of the volume; what is clean (0) is the same.
 *
 * <p>Each answer is of one moment, of which it has everything that was acknowledged before it was asked for; what is written
 * between two answers may show in the second. It costs what differs, not what is there. Any number of threads.
 */
final class ChangesContext implements MetadataContext {
    static final String PREFIX = "qemu:dirty-bitmap:since-";
    private static final int CLEAN = 0;
    private static final int DIRTY = 1;

    private final NamedPool pool;
    private final NamedVolume volume;
    private final NamedVolume since;

    ChangesContext(NamedPool pool, NamedVolume volume, NamedVolume since) {
        this.pool = pool;
        this.volume = volume;
        this.since = since;
    }

    @Override
    public String name() {
        return PREFIX + since.name();
    }

    /** @throws ThinRequestException UNKNOWN_DEVICE: the other volume is no more */
    @Override
    public void describe(long position, long length, Extents extents) {
        long blockBytes = pool.pool().blockBytes();
        Walk walk = new Walk(blockBytes, position, position + length, extents);
        try (NamedPool.Moment now = pool.openMoment()) {
            if (now.view().details(since.id()).filter(this::isSince).isEmpty()) {
                throw new ThinRequestException(Reason.UNKNOWN_DEVICE,
                        "volume '" + since.name() + "' has been deleted meanwhile");
            }
            now.view().compare(volume.id(), since.id(), position / blockBytes,
                    Math.ceilDiv(position + length, blockBytes), false, walk);
        }
        walk.end();
    }

    /** A number may be another volume's by now, which was then made in a later transaction. */
    private boolean isSince(DeviceDetails details) {
        return details.transactionId() == since.transactionId();
    }

    /** Makes extents of bytes out of ranges of blocks that differ. */
    private static final class Walk implements Difference.Visitor {
        private final long blockBytes;
        private final long end;
        private final Extents extents;
        private long at;
        private boolean more = true;

        Walk(long blockBytes, long begin, long end, Extents extents) {
            this.blockBytes = blockBytes;
            this.at = begin;
            this.end = end;
            this.extents = extents;
        }

        @Override
        public boolean visit(Difference difference, long begin, long length, long left, long right) {
            upTo(begin * blockBytes, CLEAN);
            upTo((begin + length) * blockBytes, DIRTY);
            return more;
        }

        void end() {
            upTo(end, CLEAN);
        }

        private void upTo(long position, int value) {
            long to = Math.min(position, end);
            if (more && to > at) {
                more = extents.extent(to - at, value);
                at = to;
            }
        }
    }
}

package io.pdata.tools.thin;

import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.Cursor;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;

/** A committed state of a pool as the tools read it: the latest one, or that of the held metadata snapshot. */
final class PoolState {
    private PoolState() {}

    /**
     * Reads a superblock.
     *
     * @param metadataSnapshot whether to read that of the held metadata snapshot
     * @throws ToolException if there is none
     */
    static ThinSuperblock read(MetadataFile file, boolean metadataSnapshot) {
        ThinSuperblock live = file.superblock(ThinSuperblockLayout.VALIDATOR, ThinSuperblock::read);
        if (!metadataSnapshot) {
            return live;
        }
        if (live.heldRoot() == 0) {
            throw new ToolException("no current metadata snap");
        }
        return file.superblock(live.heldRoot(), ThinSuperblockLayout.VALIDATOR, ThinSuperblock::read);
    }

    /** Gets a device: its id, its details, and the root of its mappings. */
    interface DeviceVisitor {
        void visit(long id, DeviceDetails details, long root);
    }

    /** Gets a device of which the mappings are of no interest. */
    interface DetailsVisitor {
        void visit(long id, DeviceDetails details);
    }

    /** Visits all devices by their ids; the tree with their mappings need not be readable. */
    static void forEachDetails(MetadataFile file, ThinSuperblock superblock, DetailsVisitor visitor) {
        try (Cursor details = new BTreeReader(file, 1, DeviceDetails.SIZE).cursor(superblock.detailsRoot())) {
            for (; details.valid(); details.next()) {
                visitor.visit(details.key(), DeviceDetails.read(details.block(), details.valueOffset()));
            }
        }
    }

    /**
     * Visits all devices by their ids.
     *
     * @throws ToolException if the two trees disagree about which there are
     */
    static void forEachDevice(MetadataFile file, ThinSuperblock superblock, DeviceVisitor visitor) {
        try (Cursor details = new BTreeReader(file, 1, DeviceDetails.SIZE).cursor(superblock.detailsRoot());
                Cursor roots = new BTreeReader(file, 1, Long.BYTES).cursor(superblock.mappingRoot())) {
            for (; details.valid(); details.next(), roots.next()) {
                if (!roots.valid() || roots.key() != details.key()) {
                    throw disagreement(details.key());
                }
                visitor.visit(details.key(), DeviceDetails.read(details.block(), details.valueOffset()),
                        roots.longValue());
            }
            if (roots.valid()) {
                throw disagreement(roots.key());
            }
        }
    }

    private static ToolException disagreement(long id) {
        return new ToolException("inconsistent device ids: device details and mapping trees disagree about device "
                + Long.toUnsignedString(id));
    }
}

package io.pdata.tools.thin;

import io.pdata.core.block.BlockAppender;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.Cursor;
import io.pdata.core.btree.SharedLeaves;
import io.pdata.core.btree.TreeBuilder;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.transaction.BlockReader;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import java.lang.foreign.MemorySegment;

/** Writes a device details tree again, in which each device has the number of mappings that were found in its tree. */
final class MappedBlocks {
    private MappedBlocks() {}

    /**
     * Both trees of the state have the same devices.
     *
     * @param mappings has walked the mapping trees
     * @return the root of the new tree
     */
    static long rewrite(BlockReader blocks, ThinSuperblock state, TreeWalker mappings, BlockAppender out) {
        TreeBuilder tree = new TreeBuilder(out, SharedLeaves.NONE, DeviceDetails.SIZE);
        MemorySegment value = MemorySegment.ofArray(new byte[DeviceDetails.SIZE]);
        try (Cursor details = new BTreeReader(blocks, 1, DeviceDetails.SIZE).cursor(state.detailsRoot());
                Cursor roots = new BTreeReader(blocks, 1, Long.BYTES).cursor(state.mappingRoot())) {
            for (; details.valid() && roots.valid(); details.next(), roots.next()) {
                DeviceDetails old = DeviceDetails.read(details.block(), details.valueOffset());
                long found = mappings.summary(roots.longValue()).entries();
                new DeviceDetails(found, old.transactionId(), old.creationTime(), old.snapshottedTime()).write(value,
                        0);
                tree.add(details.key(), value, 0);
            }
        }
        return tree.finish().block();
    }
}

package io.pdata.tools.thin;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.btree.TreeWalker;
import io.pdata.core.btree.WalkedNode;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.core.spacemap.IndexEntry;
import io.pdata.thin.DeviceDetails;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.tools.MetadataFile;
import java.lang.foreign.MemorySegment;

/**
 * Recognises a superblock that is older than the trees on the device: a root that it names is a sound block of another type,
 * so that the block has been used again since. Costs about ten blocks.
 */
final class StaleSuperblock {
    private static final int UNREADABLE = 0;
    private static final int OTHER = -1;
    private static final int INDEX = -2;

    private final MetadataFile file;

    private StaleSuperblock(MetadataFile file) {
        this.file = file;
    }

    /** Says which root shows that a superblock is older than its trees; null if none does. */
    static String reason(MetadataFile file, ThinSuperblock superblock) {
        StaleSuperblock stale = new StaleSuperblock(file);
        String[] names = {"mapping root", "details root", "root of the data space map", "root of the data counts",
            "root of the metadata space map", "root of the metadata counts"};
        long[] roots = {superblock.mappingRoot(), superblock.detailsRoot(), superblock.dataSpaceMap().bitmapRoot(),
            superblock.dataSpaceMap().overflowRoot(), superblock.metadataSpaceMap().bitmapRoot(),
            superblock.metadataSpaceMap().overflowRoot()};
        int[] types = {Long.BYTES, DeviceDetails.SIZE, IndexEntry.SIZE, Integer.BYTES, INDEX, Integer.BYTES};
        for (int i = 0; i < roots.length; i++) {
            int type = stale.type(roots[i], TreeWalker.MAX_DEPTH);
            if (type != UNREADABLE && type != types[i]) {
                return "its " + names[i] + ", block " + Long.toUnsignedString(roots[i])
                        + ", has been used for something else since";
            }
        }
        return null;
    }

    /** The size of the values in the tree that a block is a node of, or a type of another block. */
    private int type(long block, int depth) {
        if (block <= 0 || block >= file.blocks() || depth == 0) {
            return UNREADABLE;
        }
        MemorySegment bytes = file.unverified(block);
        if (isSound(IndexBlock.VALIDATOR, bytes, block)) {
            return INDEX;
        }
        if (isSound(BitmapBlock.VALIDATOR, bytes, block) || isSound(ThinSuperblockLayout.VALIDATOR, bytes, block)) {
            return OTHER;
        }
        if (!isSound(NodeValidator.NODE, bytes, block)) {
            return UNREADABLE;
        }
        WalkedNode node = WalkedNode.of(block, bytes);
        return node.isLeaf()
                ? node.valueSize()
                : node.entries() == 0 || node.valueSize() != NodeLayout.POINTER_SIZE
                        ? OTHER
                        : type(node.longValue(0), depth - 1);
    }

    private static boolean isSound(BlockValidator validator, MemorySegment block, long number) {
        if ((BlockValidator.rawChecksum(block) ^ block.get(Bytes.U32, 0)) != validator.checksumXor()) {
            return false;
        }
        try {
            validator.check(block, number);
            return true;
        } catch (CorruptionException e) {
            return false; // in the wrong place: damage, not another use
        }
    }
}

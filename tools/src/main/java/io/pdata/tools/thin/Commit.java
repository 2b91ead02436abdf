package io.pdata.tools.thin;

import io.pdata.core.space.SpaceMapRoot;
import io.pdata.thin.ThinSuperblock;
import io.pdata.thin.ThinSuperblockLayout;

/**
 * A commit that is on the device with all of its blocks: the counts that it wrote are exactly the references that can be
 * found in what it says is in use.
 *
 * @param index the index block of its metadata space map
 * @param mappingRoot the root of the mapping tree's top level
 * @param detailsRoot the root of the device details tree
 * @param dataIndexRoot the root of the data space map's index
 * @param dataOverflowRoot the root of the data space map's counts of 3 and more
 * @param metadataOverflowRoot the same of the metadata space map, or 0 if it is not known
 * @param heldRoot the superblock in the metadata snapshot, or 0 if there is none
 * @param bitmaps how many bitmaps its metadata space map has
 * @param dataBitmaps how many its data space map has
 * @param dataExact whether the counts of data blocks are exactly the mappings
 */
record Commit(int index, long mappingRoot, long detailsRoot, long dataIndexRoot, long dataOverflowRoot,
        long metadataOverflowRoot, long heldRoot, int bitmaps, int dataBitmaps, boolean dataExact) {

    /** Whether all its counts have been accounted for; otherwise a block of its space maps or metadata snapshot is damaged. */
    boolean proven() {
        return metadataOverflowRoot != 0;
    }

    /** How many of the six roots that a superblock names are those of this commit. */
    int fieldsIn(ThinSuperblock superblock) {
        return same(superblock.mappingRoot(), mappingRoot) + same(superblock.detailsRoot(), detailsRoot)
                + same(superblock.dataSpaceMap().bitmapRoot(), dataIndexRoot)
                + same(superblock.dataSpaceMap().overflowRoot(), dataOverflowRoot)
                + same(superblock.metadataSpaceMap().bitmapRoot(), index)
                + same(superblock.metadataSpaceMap().overflowRoot(), metadataOverflowRoot);
    }

    private static int same(long a, long b) {
        return a == b ? 1 : 0;
    }

    /** A superblock with the roots of this commit in it. */
    ThinSuperblock in(ThinSuperblock superblock) {
        SpaceMapRoot data = superblock.dataSpaceMap();
        SpaceMapRoot metadata = superblock.metadataSpaceMap();
        return new ThinSuperblock(superblock.flags() & ThinSuperblockLayout.NEEDS_CHECK,
                ThinSuperblockLayout.CURRENT_VERSION, superblock.time(), superblock.transactionId(), heldRoot,
                new SpaceMapRoot(data.blocks(), data.allocated(), dataIndexRoot, dataOverflowRoot),
                new SpaceMapRoot(metadata.blocks(), metadata.allocated(), index, metadataOverflowRoot), mappingRoot,
                detailsRoot, superblock.dataBlockSectors(), superblock.metadataBlockSectors(),
                superblock.formattedBlocks(), superblock.compatFlags(), superblock.compatReadOnlyFlags(),
                superblock.incompatFlags());
    }
}

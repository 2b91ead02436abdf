package io.pdata.tools.era;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.WalkedNode;
import io.pdata.era.EraSuperblock;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.era.Writeset;
import io.pdata.tools.MetadataFile;
import io.pdata.tools.ToolException;
import io.pdata.tools.salvage.ArraySalvage;
import io.pdata.tools.salvage.SuperblockCopy;
import io.pdata.tools.salvage.TreeSalvage;
import java.util.ArrayList;
import java.util.List;

/**
 * The superblock that a repair of era metadata works with. Of a damaged one the fields are used if they fit the trees: the era
 * array is whole, has exactly as many blocks and no era after the current one, and the writeset tree is whole and ends
 * at the current era or the one before. A current writeset that does not fit counts as lost, which means that all
 * blocks were written.
 *
 * @param superblock sound, corrected, or made of the fields that fit
 * @param notes the damage, and the consequences
 */
record EraSuperblockSalvage(EraSuperblock superblock, List<String> notes) {
    /** The root of a writeset that is lost. */
    static final long LOST_WRITESET = -1;

    private static final long SECTORS_STEP = 8;
    private static final long NO_ERA = -1;
    private static final long UNREADABLE = -2;

    /**
     * Reads the superblock of era metadata. A damaged one costs one pass over the era array and the writeset tree.
     *
     * @throws ToolException if the superblock is damaged and its fields do not fit the trees
     */
    static EraSuperblockSalvage of(MetadataFile file) {
        SuperblockCopy copy = SuperblockCopy.read(file, EraSuperblockLayout.VALIDATOR);
        EraSuperblock found = EraSuperblock.read(copy.block());
        return switch (copy.state()) {
        case SOUND -> new EraSuperblockSalvage(found, List.of());
        case CORRECTED -> new EraSuperblockSalvage(found, List.of(copy.problem()));
        case DAMAGED -> fitting(file, found, copy.problem());
        };
    }

    private static EraSuperblockSalvage fitting(MetadataFile file, EraSuperblock found, String problem) {
        long blocks = new ArraySalvage(file, Integer.BYTES).wholeSize(found.eraArrayRoot(), (block, i) -> Integer
                .toUnsignedLong(block.get(Bytes.U32, ArrayBlock.valueOffset(i, Integer.BYTES))) <= found.currentEra());
        long newest = newestArchived(file, found.writesetTreeRoot());
        if (blocks <= 0 || blocks != found.blocks()
                || newest != NO_ERA && newest != found.currentEra() && newest != found.currentEra() - 1) {
            throw new ToolException("bad checksum in superblock: " + problem
                    + "; its roots do not lead to an era array and writesets that fit it, so the eras are lost: take all"
                    + " blocks for written, or restore a dump with era_restore");
        }
        if (found.dataBlockSectors() <= 0 || found.dataBlockSectors() % SECTORS_STEP != 0) {
            throw new ToolException("bad checksum in superblock: " + problem + "; its block size of "
                    + found.dataBlockSectors() + " sectors is not possible, so the eras have no meaning");
        }
        List<String> notes = new ArrayList<>();
        notes.add(problem + "; the fields of the superblock are used, because they fit the era array");
        boolean archived = newest == found.currentEra();
        Writeset current = found.currentWriteset();
        if (archived ? current.exists() : !isWhole(file, current, blocks)) {
            notes.add("the current writeset is lost: all blocks are taken for written in era " + found.currentEra());
            current = new Writeset(blocks, LOST_WRITESET);
        }
        return new EraSuperblockSalvage(new EraSuperblock(found.spaceMap(), found.dataBlockSectors(), blocks,
                found.currentEra(), current, found.writesetTreeRoot(), found.eraArrayRoot(), found.metadataSnapshot()),
                notes);
    }

    /** The era of the last writeset in the tree, {@link #NO_ERA} if there is none, or {@link #UNREADABLE}. */
    private static long newestArchived(MetadataFile file, long root) {
        long[] newest = {NO_ERA};
        new TreeSalvage(file, Writeset.SIZE, null).visit(root, new TreeSalvage.Visitor() {
            @Override
            public void entry(WalkedNode leaf, int index) {
                newest[0] = newest[0] == UNREADABLE ? UNREADABLE : leaf.key(index);
            }

            @Override
            public void lost(long first, long last, long block, String problem) {
                newest[0] = UNREADABLE;
            }
        });
        return newest[0];
    }

    private static boolean isWhole(MetadataFile file, Writeset writeset, long blocks) {
        return writeset.exists() && writeset.bits() == blocks && new ArraySalvage(file, Long.BYTES)
                .wholeSize(writeset.root(), (_, _) -> true) == Math.ceilDiv(blocks, Long.SIZE);
    }
}

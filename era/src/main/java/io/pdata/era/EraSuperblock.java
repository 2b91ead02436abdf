package io.pdata.era;

import static io.pdata.era.EraSuperblockLayout.BLOCKS;
import static io.pdata.era.EraSuperblockLayout.CURRENT_ERA;
import static io.pdata.era.EraSuperblockLayout.CURRENT_WRITESET;
import static io.pdata.era.EraSuperblockLayout.DATA_BLOCK_SECTORS;
import static io.pdata.era.EraSuperblockLayout.ERA_ARRAY_ROOT;
import static io.pdata.era.EraSuperblockLayout.FLAGS;
import static io.pdata.era.EraSuperblockLayout.MAGIC;
import static io.pdata.era.EraSuperblockLayout.MAGIC_NUMBER;
import static io.pdata.era.EraSuperblockLayout.METADATA_BLOCK_SECTORS;
import static io.pdata.era.EraSuperblockLayout.METADATA_SNAPSHOT;
import static io.pdata.era.EraSuperblockLayout.SECTORS_PER_METADATA_BLOCK;
import static io.pdata.era.EraSuperblockLayout.SPACE_MAP_ROOT;
import static io.pdata.era.EraSuperblockLayout.SUPPORTED_VERSION;
import static io.pdata.era.EraSuperblockLayout.UUID;
import static io.pdata.era.EraSuperblockLayout.UUID_SIZE;
import static io.pdata.era.EraSuperblockLayout.VERSION;
import static io.pdata.era.EraSuperblockLayout.WRITESET_TREE_ROOT;

import io.pdata.core.block.Bytes;
import io.pdata.core.space.SpaceMapRoot;
import java.lang.foreign.MemorySegment;

/**
 * What a superblock says: one committed state of era metadata, or the one that the next commit is to write. Source: format document "era", section 1.
 *
 * @param spaceMap the root of the metadata space map
 * @param dataBlockSectors the size of a block in sectors of 512 bytes
 * @param blocks how many blocks are tracked
 * @param currentEra the era that writes belong to now; 0 before the first activation
 * @param currentWriteset what was written in it, or {@link Writeset#NONE}
 * @param writesetTreeRoot the archived writesets
 * @param eraArrayRoot the last era in which each block is known to have been written
 * @param metadataSnapshot the block of the metadata snapshot, 0 for none
 */
public record EraSuperblock(SpaceMapRoot spaceMap, long dataBlockSectors, long blocks, long currentEra,
        Writeset currentWriteset, long writesetTreeRoot, long eraArrayRoot, long metadataSnapshot) {

    /** Decodes a block that its validator has passed. */
    public static EraSuperblock read(MemorySegment block) {
        return new EraSuperblock(SpaceMapRoot.read(block, SPACE_MAP_ROOT), unsigned(block, DATA_BLOCK_SECTORS),
                unsigned(block, BLOCKS), unsigned(block, CURRENT_ERA), Writeset.read(block, CURRENT_WRITESET),
                block.get(Bytes.U64, WRITESET_TREE_ROOT), block.get(Bytes.U64, ERA_ARRAY_ROOT),
                block.get(Bytes.U64, METADATA_SNAPSHOT));
    }

    /**
     * Writes every field but block number and checksum, which are set when the block goes to the device. Flags and uuid
     * are unused, and cleared.
     */
    public void write(MemorySegment block) {
        block.set(Bytes.U32, FLAGS, 0);
        block.asSlice(UUID, UUID_SIZE).fill((byte) 0);
        block.set(Bytes.U64, MAGIC, MAGIC_NUMBER);
        block.set(Bytes.U32, VERSION, SUPPORTED_VERSION);
        spaceMap.write(block, SPACE_MAP_ROOT);
        block.set(Bytes.U32, DATA_BLOCK_SECTORS, (int) dataBlockSectors);
        block.set(Bytes.U32, METADATA_BLOCK_SECTORS, SECTORS_PER_METADATA_BLOCK);
        block.set(Bytes.U32, BLOCKS, (int) blocks);
        block.set(Bytes.U32, CURRENT_ERA, (int) currentEra);
        currentWriteset.write(block, CURRENT_WRITESET);
        block.set(Bytes.U64, WRITESET_TREE_ROOT, writesetTreeRoot);
        block.set(Bytes.U64, ERA_ARRAY_ROOT, eraArrayRoot);
        block.set(Bytes.U64, METADATA_SNAPSHOT, metadataSnapshot);
    }

    private static long unsigned(MemorySegment block, int offset) {
        return Integer.toUnsignedLong(block.get(Bytes.U32, offset));
    }

    /** What a snapshot's copy of the superblock stands for: of the rest it holds, nothing is referred to any more. */
    public EraSuperblock asSnapshot() {
        return new EraSuperblock(spaceMap, dataBlockSectors, blocks, currentEra, Writeset.NONE, writesetTreeRoot,
                eraArrayRoot,
                0);
    }
}

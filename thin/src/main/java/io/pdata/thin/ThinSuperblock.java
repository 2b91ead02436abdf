package io.pdata.thin;

import static io.pdata.thin.ThinSuperblockLayout.COMPAT_FLAGS;
import static io.pdata.thin.ThinSuperblockLayout.COMPAT_RO_FLAGS;
import static io.pdata.thin.ThinSuperblockLayout.DATA_BLOCK_SECTORS;
import static io.pdata.thin.ThinSuperblockLayout.DATA_SPACE_MAP;
import static io.pdata.thin.ThinSuperblockLayout.DETAILS_ROOT;
import static io.pdata.thin.ThinSuperblockLayout.FLAGS;
import static io.pdata.thin.ThinSuperblockLayout.FORMATTED_BLOCKS;
import static io.pdata.thin.ThinSuperblockLayout.HELD_ROOT;
import static io.pdata.thin.ThinSuperblockLayout.INCOMPAT_FLAGS;
import static io.pdata.thin.ThinSuperblockLayout.MAGIC;
import static io.pdata.thin.ThinSuperblockLayout.MAGIC_NUMBER;
import static io.pdata.thin.ThinSuperblockLayout.MAPPING_ROOT;
import static io.pdata.thin.ThinSuperblockLayout.METADATA_BLOCK_SECTORS;
import static io.pdata.thin.ThinSuperblockLayout.METADATA_SPACE_MAP;
import static io.pdata.thin.ThinSuperblockLayout.NEEDS_CHECK;
import static io.pdata.thin.ThinSuperblockLayout.TIME;
import static io.pdata.thin.ThinSuperblockLayout.TRANSACTION_ID;
import static io.pdata.thin.ThinSuperblockLayout.VERSION;

import io.pdata.core.block.Bytes;
import io.pdata.core.device.Device;
import io.pdata.core.space.SpaceMapRoot;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What a superblock says: one committed state of a pool's metadata. Numbers are unsigned.
 *
 * <p>Source: format document, section 1.
 *
 * @param flags {@link ThinSuperblockLayout#NEEDS_CHECK} or nothing
 * @param version of the format; informative
 * @param time the snapshot clock
 * @param transactionId the pool's user's own number
 * @param heldRoot the block of the held metadata snapshot, 0 if there is none
 * @param dataSpaceMap counts of data blocks; all zeroes in a metadata snapshot
 * @param metadataSpaceMap counts of metadata blocks; all zeroes in a metadata snapshot
 * @param mappingRoot the root of the mapping tree
 * @param detailsRoot the root of the device details tree
 * @param dataBlockSectors the size of a data block in sectors of 512 bytes
 * @param metadataBlockSectors the size of a metadata block in sectors: 8
 * @param formattedBlocks the metadata blocks there were when the pool was formatted; never updated
 * @param compatFlags features that nobody need know
 * @param compatReadOnlyFlags features that must be known for writing
 * @param incompatFlags features that must be known
 */
public record ThinSuperblock(int flags, int version, int time, long transactionId, long heldRoot,
        SpaceMapRoot dataSpaceMap, SpaceMapRoot metadataSpaceMap, long mappingRoot, long detailsRoot,
        int dataBlockSectors, int metadataBlockSectors, long formattedBlocks, int compatFlags, int compatReadOnlyFlags,
        int incompatFlags) {

    /** The same with other trees. */
    public ThinSuperblock withRoots(long mappings, long details) {
        return new ThinSuperblock(flags, version, time, transactionId, heldRoot, dataSpaceMap, metadataSpaceMap,
                mappings,
                details, dataBlockSectors, metadataBlockSectors, formattedBlocks, compatFlags, compatReadOnlyFlags,
                incompatFlags);
    }

    /** Decodes a block that its validator has passed. */
    public static ThinSuperblock read(MemorySegment block) {
        return new ThinSuperblock(block.get(Bytes.U32, FLAGS), block.get(Bytes.U32, VERSION),
                block.get(Bytes.U32, TIME), block.get(Bytes.U64, TRANSACTION_ID), block.get(Bytes.U64, HELD_ROOT),
                SpaceMapRoot.read(block, DATA_SPACE_MAP), SpaceMapRoot.read(block, METADATA_SPACE_MAP),
                block.get(Bytes.U64, MAPPING_ROOT), block.get(Bytes.U64, DETAILS_ROOT),
                block.get(Bytes.U32, DATA_BLOCK_SECTORS), block.get(Bytes.U32, METADATA_BLOCK_SECTORS),
                block.get(Bytes.U64, FORMATTED_BLOCKS), block.get(Bytes.U32, COMPAT_FLAGS),
                block.get(Bytes.U32, COMPAT_RO_FLAGS), block.get(Bytes.U32, INCOMPAT_FLAGS));
    }

    /** Writes every field but block number and checksum, which are set when the block goes to the device. */
    public void write(MemorySegment block) {
        block.set(Bytes.U32, FLAGS, flags);
        block.set(Bytes.U64, MAGIC, MAGIC_NUMBER);
        block.set(Bytes.U32, VERSION, version);
        block.set(Bytes.U32, TIME, time);
        block.set(Bytes.U64, TRANSACTION_ID, transactionId);
        block.set(Bytes.U64, HELD_ROOT, heldRoot);
        dataSpaceMap.write(block, DATA_SPACE_MAP);
        metadataSpaceMap.write(block, METADATA_SPACE_MAP);
        block.set(Bytes.U64, MAPPING_ROOT, mappingRoot);
        block.set(Bytes.U64, DETAILS_ROOT, detailsRoot);
        block.set(Bytes.U32, DATA_BLOCK_SECTORS, dataBlockSectors);
        block.set(Bytes.U32, METADATA_BLOCK_SECTORS, metadataBlockSectors);
        block.set(Bytes.U64, FORMATTED_BLOCKS, formattedBlocks);
        block.set(Bytes.U32, COMPAT_FLAGS, compatFlags);
        block.set(Bytes.U32, COMPAT_RO_FLAGS, compatReadOnlyFlags);
        block.set(Bytes.U32, INCOMPAT_FLAGS, incompatFlags);
    }

    /** Whether what is on a device says that it is not to be written before a tool has checked it. One block read. */
    public static boolean needsCheck(Device device) {
        if (device.size() < Bytes.BLOCK_SIZE) {
            return false;
        }
        try (Arena arena = Arena.ofShared()) { // shared: a device may read by threads of its own
            MemorySegment block = arena.allocate(Bytes.BLOCK_SIZE, Long.BYTES);
            device.read(0, block);
            return block.get(Bytes.U64, MAGIC) == MAGIC_NUMBER && read(block).needsCheck();
        }
    }

    /**
     * Says durably that the metadata on a device, which nobody else uses, have been checked. Nothing else is changed. One block.
     *
     * @throws io.pdata.core.block.CorruptionException if what is there is no superblock
     */
    public static void clearNeedsCheck(Device device) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment block = arena.allocate(Bytes.BLOCK_SIZE, Long.BYTES);
            device.read(0, block);
            ThinSuperblockLayout.VALIDATOR.check(block, 0);
            block.set(Bytes.U32, FLAGS, block.get(Bytes.U32, FLAGS) & ~NEEDS_CHECK);
            ThinSuperblockLayout.VALIDATOR.prepare(block, 0);
            device.write(0, block);
            device.flush();
        }
    }

    /** Whether the pool may not be written before a tool has checked it. */
    public boolean needsCheck() {
        return (flags & NEEDS_CHECK) != 0;
    }

    /** The superblock of the next transaction: what a commit may change is new, the rest stays. */
    ThinSuperblock next(int newTime, long newTransactionId, long newHeldRoot, SpaceMapRoot data, SpaceMapRoot metadata,
            long newMappingRoot, long newDetailsRoot) {
        return new ThinSuperblock(flags, version, newTime, newTransactionId, newHeldRoot, data, metadata,
                newMappingRoot, newDetailsRoot, dataBlockSectors, metadataBlockSectors, formattedBlocks, compatFlags,
                compatReadOnlyFlags, incompatFlags);
    }

    ThinSuperblock withNeedsCheck() {
        return new ThinSuperblock(flags | NEEDS_CHECK, version, time, transactionId, heldRoot, dataSpaceMap,
                metadataSpaceMap, mappingRoot, detailsRoot, dataBlockSectors, metadataBlockSectors, formattedBlocks,
                compatFlags, compatReadOnlyFlags, incompatFlags);
    }
}

package io.pdata.thin;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.transaction.ChildReferences;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;

/**
 * The held metadata snapshot: a copy of the superblock in a block of its own, whose trees are kept as they are for
 * somebody who wants to read them in peace. Source: format document, section 4.9.
 *
 * <p>Where the copy is gets into the superblock with the commit that follows. (The kernel changes the superblock in
 * memory at once; if that were written early, a crash would leave a pointer to a block that is not there yet.)
 */
final class MetadataSnapshot {
    private MetadataSnapshot() {}

    /** Copies the committed superblock, which must hold no snapshot; returns where the copy is. */
    static long reserve(TransactionManager transactions) {
        transactions.inc(MetadataStore.SUPERBLOCK);
        try (Block copy = transactions.shadow(MetadataStore.SUPERBLOCK, ThinSuperblockLayout.VALIDATOR,
                ChildReferences.NONE)) {
            MemorySegment data = copy.data();
            data.asSlice(ThinSuperblockLayout.DATA_SPACE_MAP, SpaceMapRoot.SLOT_SIZE).fill((byte) 0);
            data.asSlice(ThinSuperblockLayout.METADATA_SPACE_MAP, SpaceMapRoot.SLOT_SIZE).fill((byte) 0);
            transactions.inc(data.get(Bytes.U64, ThinSuperblockLayout.MAPPING_ROOT));
            transactions.inc(data.get(Bytes.U64, ThinSuperblockLayout.DETAILS_ROOT));
            return copy.number();
        }
    }

    /** Gives up a copy and the trees it holds. */
    static void release(TransactionManager transactions, long held, MappingTree mappings, DeviceTable devices) {
        ThinSuperblock copy;
        try (Block block = transactions.readLock(held, ThinSuperblockLayout.VALIDATOR)) {
            copy = ThinSuperblock.read(block.data());
        }
        mappings.deleteTree(copy.mappingRoot());
        devices.deleteTree(copy.detailsRoot());
        transactions.dec(held);
    }
}

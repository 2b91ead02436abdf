package io.pdata.reliability.damage;

import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.device.PersistentDataException;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.thin.ThinSuperblockLayout;
import java.util.List;
import java.util.Optional;

/** Tells what a block is from its bytes alone. */
final class BlockTypes {
    static final List<BlockValidator> ALL = List.of(NodeValidator.NODE, ArrayBlock.VALIDATOR, BitmapBlock.VALIDATOR,
            IndexBlock.VALIDATOR, ThinSuperblockLayout.VALIDATOR, CacheSuperblockLayout.VALIDATOR,
            EraSuperblockLayout.VALIDATOR);

    private BlockTypes() {}

    /** The type as which a block is valid where it is. */
    static Optional<BlockValidator> of(Image image, long block) {
        return ALL.stream().filter(type -> passes(type, image, block)).findFirst();
    }

    /** Whether a validator lets a block through. */
    static boolean passes(BlockValidator type, Image image, long block) {
        try {
            type.check(image.block(block), block);
            return true;
        } catch (PersistentDataException notThis) {
            return false;
        }
    }
}

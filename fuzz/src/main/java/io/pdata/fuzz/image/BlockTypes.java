package io.pdata.fuzz.image;

import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.thin.ThinSuperblockLayout;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The types that a metadata block can be of. Their order is part of what an input of the fuzzer means. */
final class BlockTypes {
    private static final List<BlockValidator> ALL = List.of(NodeValidator.NODE, ArrayBlock.VALIDATOR,
            BitmapBlock.VALIDATOR, IndexBlock.VALIDATOR, ThinSuperblockLayout.VALIDATOR,
            CacheSuperblockLayout.VALIDATOR, EraSuperblockLayout.VALIDATOR);

    private BlockTypes() {}

    static BlockValidator get(long choice) {
        return ALL.get((int) Long.remainderUnsigned(choice, ALL.size()));
    }

    /** The type that a block passes as, or null. */
    static BlockValidator of(byte[] bytes, long number) {
        for (BlockValidator type : ALL) {
            if (passes(type, bytes, number)) {
                return type;
            }
        }
        return null;
    }

    private static boolean passes(BlockValidator type, byte[] bytes, long number) {
        try {
            type.check(MemorySegment.ofArray(bytes), number);
            return true;
        } catch (CorruptionException e) {
            return false; // which is the answer
        }
    }
}

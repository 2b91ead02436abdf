package io.pdata.tools.pack;

import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.spacemap.BitmapBlock;
import io.pdata.core.spacemap.IndexBlock;
import io.pdata.era.EraSuperblockLayout;
import io.pdata.thin.ThinSuperblockLayout;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The pack file. A frame may have a second zlib stream after its first: blocks whose checksum is wrong, byte by byte.
 * Other unpackers read one stream of each frame and so leave these blocks out, as they leave out such blocks when they
 * pack.
 *
 * <p>Source: format document "tools-xml", section 6.
 */
final class PackFormat {
    static final long MAGIC = 0xA537A0AA6309EF77L;
    static final long VERSION = 3;
    static final int HEADER = 32;
    static final int RECORDS_PER_FRAME = 1024;

    private static final Map<Integer, BlockValidator> TYPES = Stream
            .of(ThinSuperblockLayout.VALIDATOR, CacheSuperblockLayout.VALIDATOR, EraSuperblockLayout.VALIDATOR,
                    BitmapBlock.VALIDATOR, IndexBlock.VALIDATOR, NodeValidator.NODE, ArrayBlock.VALIDATOR)
            .collect(Collectors.toMap(BlockValidator::checksumXor, type -> type));

    private PackFormat() {}

    /** The type of a block as its checksum has it; null for what is no metadata, or damaged. */
    static BlockValidator typeOf(MemorySegment block) {
        return TYPES.get(BlockValidator.rawChecksum(block) ^ block.get(Bytes.U32, 0));
    }
}

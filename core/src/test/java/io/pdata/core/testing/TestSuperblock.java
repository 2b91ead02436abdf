package io.pdata.core.testing;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.space.SpaceMapRoot;
import java.lang.foreign.MemorySegment;

/** The layout of {@link TestStore}'s superblock: both space maps and eight roots, which are 0 if there is no tree. */
final class TestSuperblock {
    static final int ROOTS = 8;

    private static final int NUMBER = 8;
    private static final int MAGIC = 16;
    private static final int METADATA_MAP = 64;
    private static final int DATA_MAP = METADATA_MAP + SpaceMapRoot.SLOT_SIZE;
    private static final int FIRST_ROOT = DATA_MAP + SpaceMapRoot.SLOT_SIZE;
    private static final long MAGIC_VALUE = 0x7465737473746f72L;

    static final BlockValidator VALIDATOR = new BlockValidator("test superblock", 20061, NUMBER) {
        @Override
        protected void checkHeader(MemorySegment block, long number) {
            if (block.get(Bytes.U64, MAGIC) != MAGIC_VALUE) {
                throw new CorruptionException(number, type(), "wrong magic number");
            }
        }
    };

    private TestSuperblock() {}

    static void initialise(MemorySegment block) {
        block.set(Bytes.U64, MAGIC, MAGIC_VALUE);
    }

    static SpaceMapRoot metadataMap(MemorySegment block) {
        return SpaceMapRoot.read(block, METADATA_MAP);
    }

    static SpaceMapRoot dataMap(MemorySegment block) {
        return SpaceMapRoot.read(block, DATA_MAP);
    }

    static long root(MemorySegment block, int i) {
        return block.get(Bytes.U64, FIRST_ROOT + 8L * i);
    }

    static void write(MemorySegment block, SpaceMapRoot metadata, SpaceMapRoot data, long[] roots) {
        metadata.write(block, METADATA_MAP);
        data.write(block, DATA_MAP);
        for (int i = 0; i < ROOTS; i++) {
            block.set(Bytes.U64, FIRST_ROOT + 8L * i, roots[i]);
        }
    }
}

package io.pdata.reliability.workload;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.space.SpaceMapRoot;
import java.lang.foreign.MemorySegment;

/** The layout of the superblock of {@link LibraryWorkload}: both space maps, and roots of trees, 0 for no tree. */
final class LibrarySuperblock {
    static final int ROOTS = 6;
    static final int METADATA_MAP = 64;
    static final int DATA_MAP = METADATA_MAP + SpaceMapRoot.SLOT_SIZE;

    private static final int NUMBER = 8;
    private static final int MAGIC = 16;
    private static final int COMMITS = 24;
    private static final int FIRST_ROOT = DATA_MAP + SpaceMapRoot.SLOT_SIZE;
    private static final long MAGIC_VALUE = 0x6c69_6272_6172_7921L;

    static final BlockValidator VALIDATOR = new BlockValidator("library superblock", 24071, NUMBER) {
        @Override
        protected void checkHeader(MemorySegment block, long number) {
            if (block.get(Bytes.U64, MAGIC) != MAGIC_VALUE) {
                throw new CorruptionException(number, type(), "wrong magic number");
            }
        }
    };

    private LibrarySuperblock() {}

    static SpaceMapRoot metadataMap(MemorySegment block) {
        return SpaceMapRoot.read(block, METADATA_MAP);
    }

    static SpaceMapRoot dataMap(MemorySegment block) {
        return SpaceMapRoot.read(block, DATA_MAP);
    }

    static long commits(MemorySegment block) {
        return block.get(Bytes.U64, COMMITS);
    }

    static long root(MemorySegment block, int i) {
        return block.get(Bytes.U64, FIRST_ROOT + 8L * i);
    }

    static void write(MemorySegment block, long commits, SpaceMapRoot metadata, SpaceMapRoot data, long[] roots) {
        block.set(Bytes.U64, MAGIC, MAGIC_VALUE);
        block.set(Bytes.U64, COMMITS, commits);
        metadata.write(block, METADATA_MAP);
        data.write(block, DATA_MAP);
        for (int i = 0; i < ROOTS; i++) {
            block.set(Bytes.U64, FIRST_ROOT + 8L * i, roots[i]);
        }
    }
}

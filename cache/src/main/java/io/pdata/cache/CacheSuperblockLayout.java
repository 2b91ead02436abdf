package io.pdata.cache;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.store.MetadataStore;
import io.pdata.core.store.SuperblockValidator;
import java.lang.foreign.MemorySegment;

/** Where things are in the superblock of a cache. Bytes not named are zero. Source: format document "cache", section 1. */
public final class CacheSuperblockLayout {
    public static final int FLAGS = 4;
    public static final int BLOCK_NUMBER = 8;
    public static final int UUID = 16;
    public static final int MAGIC = 32;
    public static final int VERSION = 40;
    public static final int POLICY_NAME = 44;
    public static final int POLICY_HINT_SIZE = 60;
    public static final int SPACE_MAP_ROOT = 64;
    public static final int MAPPING_ROOT = 192;
    public static final int HINT_ROOT = 200;
    public static final int DISCARD_ROOT = 208;
    public static final int DISCARD_BLOCK_SECTORS = 216;
    public static final int DISCARD_BLOCKS = 224;
    public static final int DATA_BLOCK_SECTORS = 232;
    public static final int METADATA_BLOCK_SECTORS = 236;
    public static final int CACHE_BLOCKS = 240;
    public static final int COMPAT_FLAGS = 244;
    public static final int COMPAT_RO_FLAGS = 248;
    public static final int INCOMPAT_FLAGS = 252;
    public static final int READ_HITS = 256;
    public static final int READ_MISSES = 260;
    public static final int WRITE_HITS = 264;
    public static final int WRITE_MISSES = 268;
    public static final int POLICY_VERSION = 272;
    public static final int DIRTY_ROOT = 284;

    public static final int POLICY_NAME_SIZE = 16;
    /** 06142003 in octal. */
    public static final long MAGIC_NUMBER = 1623043;
    public static final int CHECKSUM_XOR = 9031977;

    /** Bits of {@link #FLAGS}. */
    public static final int CLEAN_SHUTDOWN = 1;
    public static final int NEEDS_CHECK = 2;

    public static final int MIN_VERSION = 1;
    public static final int MAX_VERSION = 2;
    /** The version from which on dirty bits have a bitset of their own. */
    public static final int SEPARATE_DIRTY_VERSION = 2;

    /** What {@link #METADATA_BLOCK_SECTORS} holds. */
    public static final int SECTORS_PER_METADATA_BLOCK = 8;

    /** Refuses an unknown version too, as the kernel's does. */
    public static final BlockValidator VALIDATOR = new Validator();

    private CacheSuperblockLayout() {}

    private static final class Validator extends SuperblockValidator {
        private static final String TYPE = "cache superblock";

        Validator() {
            super(TYPE, CHECKSUM_XOR, MAGIC_NUMBER, MIN_VERSION, MAX_VERSION);
        }

        @Override
        protected void checkFields(MemorySegment block, long number) {
            checkDiscards(block);
        }

        /** What the discard bitset covers is computed in sectors all over; here it is made sure that this fits. */
        private static void checkDiscards(MemorySegment block) {
            long size = block.get(Bytes.U64, DISCARD_BLOCK_SECTORS);
            long blocks = block.get(Bytes.U64, DISCARD_BLOCKS);
            if (size < 0 || blocks < 0 || Math.multiplyHigh(size, blocks) != 0 || size * blocks < 0) {
                throw new CorruptionException(MetadataStore.SUPERBLOCK, TYPE, "claims " + Long.toUnsignedString(blocks)
                        + " discard blocks of " + Long.toUnsignedString(size) + " sectors");
            }
        }
    }
}

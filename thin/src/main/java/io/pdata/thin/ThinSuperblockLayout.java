package io.pdata.thin;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.store.SuperblockValidator;

/** Where things are in the superblock of a thin pool. Bytes not named are zero. Source: format document, section 1. */
public final class ThinSuperblockLayout {
    public static final int CHECKSUM = 0;
    public static final int FLAGS = 4;
    public static final int BLOCK_NUMBER = 8;
    public static final int UUID = 16;
    public static final int MAGIC = 32;
    public static final int VERSION = 40;
    public static final int TIME = 44;
    public static final int TRANSACTION_ID = 48;
    public static final int HELD_ROOT = 56;
    public static final int DATA_SPACE_MAP = 64;
    public static final int METADATA_SPACE_MAP = 192;
    public static final int MAPPING_ROOT = 320;
    public static final int DETAILS_ROOT = 328;
    public static final int DATA_BLOCK_SECTORS = 336;
    public static final int METADATA_BLOCK_SECTORS = 340;
    public static final int FORMATTED_BLOCKS = 344;
    public static final int COMPAT_FLAGS = 352;
    public static final int COMPAT_RO_FLAGS = 356;
    public static final int INCOMPAT_FLAGS = 360;

    /** What {@link #MAGIC} holds. */
    public static final long MAGIC_NUMBER = 27022010;
    /** The {@link #VERSION} that is written now. Like the kernel, nothing here depends on it. */
    public static final int CURRENT_VERSION = 2;
    /** The {@link #VERSION} that kernels before 3.14 have written. */
    public static final int OLD_VERSION = 1;
    /** The bit in {@link #FLAGS} that keeps a pool read-only until a tool has checked it. */
    public static final int NEEDS_CHECK = 1;
    /** What {@link #METADATA_BLOCK_SECTORS} holds: 4096 bytes. */
    public static final int SECTORS_PER_METADATA_BLOCK = 8;

    /** The superblock at block 0, and its copy in a held metadata snapshot; of any version. */
    public static final BlockValidator VALIDATOR = new SuperblockValidator("thin superblock", 160774, MAGIC_NUMBER, 0,
            -1);

    private ThinSuperblockLayout() {}
}

package io.pdata.era;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.store.SuperblockValidator;

/**
 * Where things are in the superblock of an era device, and in the copy that a metadata snapshot is; packed. Source: format document
 * "era", section 1.
 */
public final class EraSuperblockLayout {
    public static final int FLAGS = 4;
    public static final int BLOCK_NUMBER = 8;
    public static final int UUID = 16;
    public static final int MAGIC = 32;
    public static final int VERSION = 40;
    public static final int SPACE_MAP_ROOT = 44;
    public static final int DATA_BLOCK_SECTORS = 172;
    public static final int METADATA_BLOCK_SECTORS = 176;
    public static final int BLOCKS = 180;
    public static final int CURRENT_ERA = 184;
    /** A {@link Writeset} record. */
    public static final int CURRENT_WRITESET = 188;
    public static final int WRITESET_TREE_ROOT = 200;
    public static final int ERA_ARRAY_ROOT = 208;
    public static final int METADATA_SNAPSHOT = 216;

    public static final long MAGIC_NUMBER = 2126579579;
    public static final int SUPPORTED_VERSION = 1;
    public static final int CHECKSUM_XOR = 146538381;

    /** What {@link #METADATA_BLOCK_SECTORS} holds. */
    public static final int SECTORS_PER_METADATA_BLOCK = 8;
    public static final int UUID_SIZE = 16;

    /** Refuses an unknown version too, as the kernel's does. */
    public static final BlockValidator VALIDATOR = new SuperblockValidator("era superblock", CHECKSUM_XOR, MAGIC_NUMBER,
            SUPPORTED_VERSION, SUPPORTED_VERSION);

    private EraSuperblockLayout() {}
}

package io.pdata.tools;

import io.pdata.core.block.Bytes;

/** The most metadata that the kernel's targets use: what 255 bitmaps count. */
public final class MetadataLimit {
    /** In blocks; each bitmap is taken to have 16320 counts. */
    public static final long BLOCKS = 255 * ((1 << 14) - 64);

    private MetadataLimit() {}

    /** A number of blocks in bytes, no more than can be used. */
    public static long bytes(long blocks) {
        return Math.min(blocks, BLOCKS) * Bytes.BLOCK_SIZE;
    }
}

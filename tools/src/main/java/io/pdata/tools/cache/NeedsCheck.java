package io.pdata.tools.cache;

import io.pdata.cache.CacheSuperblockLayout;
import io.pdata.core.block.Bytes;
import io.pdata.tools.MetadataFile;

/** The flag that keeps a cache from being written before a tool has checked it. */
public final class NeedsCheck {
    private NeedsCheck() {}

    /**
     * Takes the flag away. Only the superblock is written, and only if it has the flag.
     *
     * @param file was opened to be changed
     * @return whether it had the flag
     */
    public static boolean clear(MetadataFile file) {
        if (!isSet(file)) {
            return false;
        }
        file.changeSuperblock(CacheSuperblockLayout.VALIDATOR,
                block -> block.set(Bytes.U32, CacheSuperblockLayout.FLAGS,
                        block.get(Bytes.U32, CacheSuperblockLayout.FLAGS) & ~CacheSuperblockLayout.NEEDS_CHECK));
        return true;
    }

    /** Whether the flag is set. */
    public static boolean isSet(MetadataFile file) {
        return file.superblock(CacheSuperblockLayout.VALIDATOR,
                block -> (block.get(Bytes.U32, CacheSuperblockLayout.FLAGS) & CacheSuperblockLayout.NEEDS_CHECK) != 0);
    }
}

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
        int flags = file.superblock(CacheSuperblockLayout.VALIDATOR,
                block -> block.get(Bytes.U32, CacheSuperblockLayout.FLAGS));
        if ((flags & CacheSuperblockLayout.NEEDS_CHECK) == 0) {
            return false;
        }
        file.changeSuperblock(CacheSuperblockLayout.VALIDATOR,
                block -> block.set(Bytes.U32, CacheSuperblockLayout.FLAGS,
                        flags & ~CacheSuperblockLayout.NEEDS_CHECK));
        return true;
    }
}

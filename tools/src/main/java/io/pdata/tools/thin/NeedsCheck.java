package io.pdata.tools.thin;

import io.pdata.thin.ThinSuperblockLayout;
import io.pdata.core.block.Bytes;
import io.pdata.tools.MetadataFile;

/** The flag that keeps a pool from being written before a tool has checked it. */
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
        file.changeSuperblock(ThinSuperblockLayout.VALIDATOR, block -> block.set(Bytes.U32, ThinSuperblockLayout.FLAGS,
                block.get(Bytes.U32, ThinSuperblockLayout.FLAGS) & ~ThinSuperblockLayout.NEEDS_CHECK));
        return true;
    }

    /** Whether the flag is set. */
    public static boolean isSet(MetadataFile file) {
        return file.superblock(ThinSuperblockLayout.VALIDATOR,
                block -> (block.get(Bytes.U32, ThinSuperblockLayout.FLAGS) & ThinSuperblockLayout.NEEDS_CHECK) != 0);
    }
}

package io.pdata.cache;

import io.pdata.core.device.Device;
import io.pdata.testkit.ReferenceAudit;
import java.lang.foreign.MemorySegment;

/** Recounts all references in cache metadata. */
final class CacheAudit {
    private CacheAudit() {}

    /** Everything that is on a device. */
    static byte[] bytes(Device device) {
        byte[] image = new byte[Math.toIntExact(device.size())];
        device.read(0, MemorySegment.ofArray(image));
        return image;
    }

    /** Verifies what the last commit left. */
    static void verify(Device device) {
        ReferenceAudit audit = new ReferenceAudit(bytes(device), CacheSuperblockLayout.SPACE_MAP_ROOT);
        CacheSuperblock superblock = CacheSuperblock.read(audit.block(0));
        audit.array(superblock.mappingRoot());
        audit.array(superblock.discardRoot());
        if (superblock.hintRoot() != 0) {
            audit.array(superblock.hintRoot());
        }
        if (superblock.separateDirtyBits()) {
            audit.array(superblock.dirtyRoot());
        }
        audit.verify();
    }
}

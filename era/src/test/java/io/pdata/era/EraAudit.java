package io.pdata.era;

import io.pdata.core.device.Device;
import io.pdata.testkit.ReferenceAudit;
import java.lang.foreign.MemorySegment;

/** Recounts all references in era metadata. */
final class EraAudit {
    private EraAudit() {}

    /** Everything that is on a device. */
    static byte[] bytes(Device device) {
        byte[] image = new byte[Math.toIntExact(device.size())];
        device.read(0, MemorySegment.ofArray(image));
        return image;
    }

    /** Verifies what the last commit left. */
    static void verify(Device device) {
        ReferenceAudit audit = new ReferenceAudit(bytes(device), EraSuperblockLayout.SPACE_MAP_ROOT);
        EraSuperblock superblock = EraSuperblock.read(audit.block(0));
        count(audit, superblock);
        if (superblock.currentWriteset().exists()) {
            audit.array(superblock.currentWriteset().root());
        }
        if (superblock.metadataSnapshot() != 0) {
            audit.first(superblock.metadataSnapshot());
            count(audit, EraSuperblock.read(audit.block(superblock.metadataSnapshot())));
        }
        audit.verify();
    }

    private static void count(ReferenceAudit audit, EraSuperblock superblock) {
        audit.tree(superblock.writesetTreeRoot(),
                (_, leaf, offset) -> audit.array(Writeset.read(leaf, offset).root()));
        audit.array(superblock.eraArrayRoot());
    }
}

package io.pdata.thin.pool;

import io.pdata.core.block.CorruptionException;
import io.pdata.thin.BlockTime;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;
import java.util.HashSet;
import java.util.Set;

/** Makes the changes of an intent log in the metadata once more. */
final class Replay implements IntentLog.Changes {
    private final ThinMetadata metadata;
    private final Set<Long> left;
    /** Whose change is being made. */
    private long volume;

    Replay(ThinMetadata metadata) {
        this(metadata, Set.of());
    }

    /** @param left the volumes whose changes are left out */
    private Replay(ThinMetadata metadata, Set<Long> left) {
        this.metadata = metadata;
        this.left = left;
    }

    /**
     * Makes the changes of a process that was killed. If a volume is damaged where one belongs, all changes of that volume are
     * lost, which is reported; those of others are not.
     *
     * @return how many changes the log had
     */
    static long recover(ThinMetadata metadata, IntentLog log, KnownDamage damage, PoolEvents events) {
        Set<Long> damaged = new HashSet<>();
        while (true) {
            Replay replay = new Replay(metadata, damaged);
            try {
                return log.replay(metadata.superblockChecksum(), replay);
            } catch (CorruptionException e) {
                if (!KnownDamage.isOfTrees(e) || !damaged.add(replay.volume)) {
                    throw e;
                }
                damage.found(replay.volume, e);
                events.warned("the last writes to the volume with the id " + replay.volume
                        + " before the server was killed are lost: its mappings are damaged there");
                metadata.undo();
            }
        }
    }

    @Override
    public void map(long id, long virtualBlock, long dataBlock) {
        volume = id;
        if (left.contains(id)) {
            return;
        }
        ThinDevice device = metadata.openDevice(id);
        long present = metadata.lookup(device, virtualBlock);
        if (present == BlockTime.UNMAPPED || BlockTime.block(present) != dataBlock) {
            metadata.space().incDataBlocks(dataBlock, dataBlock + 1);
            metadata.insert(device, virtualBlock, dataBlock);
        }
        metadata.closeDevice(device);
    }

    @Override
    public void unmap(long id, long begin, long end) {
        volume = id;
        if (left.contains(id)) {
            return;
        }
        ThinDevice device = metadata.openDevice(id);
        metadata.removeRange(device, begin, end);
        metadata.closeDevice(device);
    }
}

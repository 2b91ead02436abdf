package io.pdata.thin.pool;

import io.pdata.thin.BlockTime;
import io.pdata.thin.ThinDevice;
import io.pdata.thin.ThinMetadata;

/** Makes the changes of an intent log in the metadata once more. */
final class Replay implements IntentLog.Changes {
    private final ThinMetadata metadata;

    Replay(ThinMetadata metadata) {
        this.metadata = metadata;
    }

    @Override
    public void map(long id, long virtualBlock, long dataBlock) {
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
        ThinDevice device = metadata.openDevice(id);
        metadata.removeRange(device, begin, end);
        metadata.closeDevice(device);
    }
}

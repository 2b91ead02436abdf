package io.pdata.server;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceException;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolMode;
import java.util.function.Consumer;

/** What happens to a pool, as lines for a log. */
public record LoggedEvents(Consumer<String> log) implements PoolEvents {
    @Override
    public void modeChanged(PoolMode mode) {
        log.accept(switch (mode) {
        case WRITE -> "the pool can be written to again";
        case OUT_OF_DATA_SPACE -> "out of data space: writes that need a new block wait or fail;"
                + " make room with 'pdata pool resize --data-size', or delete something";
        case OUT_OF_METADATA_SPACE -> "out of metadata space: the pool is read-only until"
                + " 'pdata pool resize --metadata-size'";
        case READ_ONLY ->
            "a change of the metadata has failed: the pool is read-only, and its metadata are to be checked";
        case FAIL -> "the pool has failed: its metadata can no longer be read";
        });
    }

    @Override
    public void lowOnData(long freeBlocks) {
        log.accept("low on data space: " + freeBlocks + " blocks are free");
    }

    @Override
    public void lowOnMetadata(long freeBlocks) {
        log.accept("low on metadata space: " + freeBlocks + " blocks are free; make room with"
                + " 'pdata pool resize --metadata-size'");
    }

    @Override
    public void notLogged(DeviceException reason) {
        log.accept("changes cannot be logged, and are committed one by one instead, which is slow: "
                + reason.getMessage());
    }

    @Override
    public void storageKept(DeviceException reason) {
        log.accept("freed storage was not given back: " + reason.getMessage());
    }

    @Override
    public void recovered(long changes) {
        log.accept("recovered " + changes + " changes that a server which was killed had not committed");
    }

    @Override
    public void warned(String message) {
        log.accept(message);
    }

    @Override
    public void volumeDamaged(long volume, CorruptionException damage) {
        log.accept("the volume with the id " + volume + " is damaged: " + damage.getMessage()
                + "; what can be read of it is served, and so are all other volumes; 'pdata volume list --json' shows what cannot"
                + " be read, and 'pdata extract --salvage' copies the rest");
    }
}

package io.pdata.server;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.PersistentDataException;
import io.pdata.thin.pool.PoolEvents;
import io.pdata.thin.pool.PoolMode;
import io.pdata.thin.pool.PoolWarning;
import java.util.function.Consumer;

/** What happens to a pool, as lines for a log. */
public record LoggedEvents(Consumer<String> log) implements PoolEvents {
    @Override
    public void modeChanged(PoolMode mode) {
        log.accept(mode == PoolMode.WRITE
                ? "the pool can be written to again"
                : PoolCondition.of(mode).line(""));
    }

    @Override
    public void lowOnData(long freeBytes) {
        low(PoolWarning.LOW_ON_DATA, freeBytes);
    }

    @Override
    public void lowOnMetadata(long freeBytes) {
        low(PoolWarning.LOW_ON_METADATA, freeBytes);
    }

    @Override
    public void lowOnStorage(long freeBytes) {
        low(PoolWarning.LOW_ON_STORAGE, freeBytes);
    }

    private void low(PoolWarning warning, long freeBytes) {
        log.accept(PoolCondition.of(warning).line(": " + freeBytes + " bytes are free"));
    }

    @Override
    public void notGrown(PersistentDataException reason) {
        log.accept("the pool keeps its size, although a file of it is larger: " + reason.getMessage());
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

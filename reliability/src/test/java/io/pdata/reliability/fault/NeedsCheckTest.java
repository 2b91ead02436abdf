package io.pdata.reliability.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.cache.CacheMetadata;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceException;
import io.pdata.core.device.ReadOnlyException;
import io.pdata.core.store.MetadataRefusedException;
import io.pdata.core.store.OpenOptions;
import io.pdata.reliability.disk.FaultPlan.Operation;
import io.pdata.reliability.disk.FaultPlan;
import io.pdata.reliability.disk.SimulatedDisk;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinSuperblock;
import org.junit.jupiter.api.Test;

/**
 * The flag that says that metadata must be checked: set after an operation failed and was rolled back, if that can be
 * written; whoever opens the metadata for writing then is refused. If it cannot be written the store has failed, which
 * refuses everything too. Source: format documents "thin", sections 5.3 and 9, and "cache", section 3.6.
 */
class NeedsCheckTest {
    private static final long SIZE = 80 * 4096;
    private static final long CACHE = 1 << 20;

    private final SimulatedDisk disk = new SimulatedDisk(SIZE, 1);

    private void fail(Operation operation) {
        disk.follow(new FaultPlan().fail(operation, 1));
    }

    @Test
    void aPoolIsFlaggedAfterAFailedReadAndARollBack() {
        try (ThinMetadata pool = ThinMetadata.format(disk, 128, CACHE)) {
            pool.createThin(1);
            pool.commit();
        }
        try (ThinMetadata pool = ThinMetadata.open(disk.reopen(), OpenOptions.readWrite())) {
            fail(Operation.READ);
            assertThatThrownBy(() -> pool.createThin(2)).isInstanceOf(DeviceException.class);
            pool.abort();
            pool.setNeedsCheck();
            assertThat(pool.needsCheck()).isTrue();
            assertThatThrownBy(() -> pool.createThin(2)).isInstanceOf(ReadOnlyException.class)
                    .hasMessageContaining("needs to be checked");
        }
        assertThatThrownBy(() -> ThinMetadata.open(disk.reopen(), OpenOptions.readWrite()))
                .isInstanceOf(MetadataRefusedException.class).hasMessageContaining("needs-check");
        try (ThinMetadata pool = ThinMetadata.open(disk.reopen(), OpenOptions.readOnly())) {
            assertThat(pool.details(1)).isPresent();
            assertThat(pool.details(2)).isEmpty();
        }
        ThinSuperblock.clearNeedsCheck(disk.reopen());
        try (ThinMetadata pool = ThinMetadata.open(disk.reopen(), OpenOptions.readWrite())) {
            pool.createThin(2);
            pool.commit();
        }
    }

    @Test
    void whatIsNoSuperblockIsNotTouched() {
        assertThatThrownBy(() -> ThinSuperblock.clearNeedsCheck(disk)).isInstanceOf(CorruptionException.class);
        assertThat(disk.content()).containsOnly(0);
    }

    @Test
    void aPoolThatCannotBeFlaggedHasFailed() {
        try (ThinMetadata pool = ThinMetadata.format(disk, 128, CACHE)) {
            fail(Operation.FLUSH);
            assertThatThrownBy(pool::setNeedsCheck).isInstanceOf(DeviceException.class);
            assertThat(pool.writable()).isFalse();
            assertThatThrownBy(pool::setNeedsCheck).isInstanceOf(ReadOnlyException.class)
                    .hasMessageContaining("flush at byte");
            assertThatThrownBy(() -> pool.createThin(1)).isInstanceOf(ReadOnlyException.class)
                    .hasMessageContaining("flush at byte");
        }
    }

    @Test
    void aCacheIsFlaggedAfterAFailedReadAndARollBack() {
        try (CacheMetadata cache = CacheMetadata.format(disk, 2, 64, CACHE)) {
            cache.resize(5000);
            cache.commit();
        }
        try (CacheMetadata cache = CacheMetadata.open(disk.reopen(), OpenOptions.readWrite())) {
            fail(Operation.READ);
            assertThatThrownBy(() -> cache.insertMapping(4000, 1)).isInstanceOf(DeviceException.class);
            cache.abort();
            cache.setNeedsCheck();
            assertThatThrownBy(() -> cache.insertMapping(4000, 1)).isInstanceOf(ReadOnlyException.class)
                    .hasMessageContaining("needs to be checked");
        }
        assertThatThrownBy(() -> CacheMetadata.open(disk.reopen(), OpenOptions.readWrite()))
                .isInstanceOf(MetadataRefusedException.class).hasMessageContaining("needs-check");
        CacheMetadata.clearNeedsCheck(disk.reopen(), CACHE);
        try (CacheMetadata cache = CacheMetadata.open(disk.reopen(), OpenOptions.readWrite())) {
            cache.insertMapping(4000, 1);
            cache.commit();
        }
    }

    @Test
    void aCacheThatCannotBeFlaggedHasFailed() {
        try (CacheMetadata cache = CacheMetadata.format(disk, 2, 64, CACHE)) {
            fail(Operation.WRITE);
            assertThatThrownBy(cache::setNeedsCheck).isInstanceOf(DeviceException.class);
            assertThatThrownBy(() -> cache.resize(100)).isInstanceOf(ReadOnlyException.class)
                    .hasMessageContaining("write at byte");
        }
    }
}

package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.space.NoSpaceException;
import io.pdata.thin.ThinRequestException.Reason;
import io.pdata.thin.ThinRequestException;
import org.junit.jupiter.api.Test;

/** The cases of the device-mapper test suites about deleting volumes, under their own names. */
class DmDeletionTest extends PoolOnTheBench {
    private static final int MANY = 200;

    @Test
    void createDeleteCycle() {
        format(10);
        for (int i = 0; i < MANY; i++) {
            pool.createVolume(0);
            pool.deleteVolume(0);
        }
        assertThat(used()).isZero();
    }

    @Test
    void createManyThinsThenDeleteThem() {
        format(2000, 10, BLOCK_SECTORS, options());
        long before = pool.status().usedMetadataBlocks();
        for (int id = 0; id < MANY; id++) {
            pool.createVolume(id);
        }
        for (int id = 0; id < MANY; id++) {
            pool.deleteVolume(id);
        }
        assertThat(pool.status().usedMetadataBlocks()).isEqualTo(before);
    }

    @Test
    void rollingCreateDelete() {
        format(10);
        for (int id = 0; id < 3 * MANY; id++) {
            pool.createVolume(id);
            if (id >= 20) {
                pool.deleteVolume(id - 20);
            }
        }
        try (var view = pool.openView()) {
            int[] devices = {0};
            view.forEachDevice((_, _) -> ++devices[0] > 0);
            assertThat(devices[0]).isEqualTo(20);
        }
    }

    @Test
    void deleteThin() {
        format(10);
        try (Volume volume = create(0, 10)) {
            fill(volume, 0, 10, 7);
            assertThat(used()).isEqualTo(10);
        }
        pool.deleteVolume(0);
        assertThat(used()).isZero();
        fill(create(1, 10), 0, 10, 8);
    }

    @Test
    void deleteUnknownDevices() {
        format(10);
        for (long id : new long[]{0, 1, 77, -1}) {
            assertThatThrownBy(() -> pool.deleteVolume(id))
                    .isInstanceOfSatisfying(ThinRequestException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.UNKNOWN_DEVICE));
        }
    }

    @Test
    void deleteActiveDeviceFails() {
        format(10);
        Volume volume = create(0, 10);
        assertThatThrownBy(() -> pool.deleteVolume(0)).isInstanceOfSatisfying(ThinRequestException.class,
                e -> assertThat(e.reason()).isEqualTo(Reason.BUSY));
        fill(volume, 0, 1, 7);
        holds(volume, 0, 1, 7);
    }

    @Test
    void deleteAfterOutOfSpace() {
        format(4);
        Volume full = create(0, 10);
        Volume poor = create(1, 10);
        assertThatThrownBy(() -> fill(full, 0, 5, 7)).isInstanceOf(NoSpaceException.class);
        assertThat(pool.status().mode()).isEqualTo(PoolMode.OUT_OF_DATA_SPACE);
        full.close();
        pool.deleteVolume(0);
        assertThat(pool.status().mode()).isEqualTo(PoolMode.WRITE);
        fill(poor, 0, 4, 8);
    }

    @Test
    void deleteFullyProvisionedDevice() {
        format(300);
        try (Volume volume = create(0, 300)) {
            fill(volume, 0, 300, 7);
        }
        pool.deleteVolume(0);
        assertThat(used()).isZero();
        assertThat(data.takeDiscards()).containsExactly(new ProbedDevice.Range(0, 300L * BLOCK));
    }
}

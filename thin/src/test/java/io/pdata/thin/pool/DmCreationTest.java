package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.device.PersistentDataException;
import io.pdata.thin.ThinMetadata;
import io.pdata.thin.ThinRequestException;
import org.junit.jupiter.api.Test;

/** The cases of the device-mapper test suites about creating pools and volumes, under their own names. */
class DmCreationTest extends PoolOnTheBench {
    private static final int MANY = 400;

    @Test
    void createLotsOfEmptyThins() {
        format(2000, 10, BLOCK_SECTORS, options());
        for (int id = 0; id < MANY; id++) {
            pool.createVolume(id);
        }
        reopen();
        for (int id = 0; id < MANY; id++) {
            assertThat(mapped(id)).isZero();
        }
    }

    @Test
    void createLotsOfSnaps() {
        format(2000, 10, BLOCK_SECTORS, options());
        fill(create(0, 4), 0, 4, 7);
        for (int id = 1; id < MANY; id++) {
            pool.createSnapshot(id, 0);
        }
        assertThat(used()).isEqualTo(4);
        holds(volume(MANY - 1, 4), 0, 4, 7);
    }

    @Test
    void createLotsOfRecursiveSnaps() {
        format(2000, 10, BLOCK_SECTORS, options());
        fill(create(0, 4), 0, 4, 7);
        for (int id = 1; id < MANY; id++) {
            pool.createSnapshot(id, id - 1);
        }
        assertThat(used()).isEqualTo(4);
        holds(volume(MANY - 1, 4), 0, 4, 7);
    }

    /** There is no pause but the end: a pool that is not open has no volumes. */
    @Test
    void activateThinWhilePoolSuspendedFails() {
        format(10);
        pool.createVolume(0);
        pool.close();
        assertThatThrownBy(() -> volume(0, 4)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void hugeBlockSize() {
        blockSizeWorks(1 << 20);
    }

    @Test
    void largestDataBlockSizeSucceeds() {
        blockSizeWorks(1 << 21);
    }

    private void blockSizeWorks(int sectors) {
        format(METADATA_BLOCKS, 3, sectors, options());
        long blockBytes = sectors * (long) SECTOR;
        pool.createVolume(0);
        try (Volume volume = pool.openVolume(0, 2 * blockBytes, null)) {
            write(volume, blockBytes - 4096, 8192, 7);
            assertThat(read(volume, blockBytes - 4096, 8192)).isEqualTo(7);
            assertThat(read(volume, 0, 4096)).isZero();
            assertThat(read(volume, 2 * blockBytes - 4096, 4096)).isZero();
        }
        assertThat(used()).isEqualTo(2);
    }

    /** The rule is another by now: a multiple of 64 KiB. */
    @Test
    void nonPowerOf2DataBlockSizeFails() {
        refused(100);
        refused(BLOCK_SECTORS + 1);
        blockSizeWorks(3 * BLOCK_SECTORS);
    }

    @Test
    void tooSmallDataBlockSizeFails() {
        refused(0);
        refused(BLOCK_SECTORS / 2);
    }

    @Test
    void tooLargeDataBlockSizeFails() {
        refused((1 << 21) + BLOCK_SECTORS);
    }

    private void refused(int sectors) {
        assertThatThrownBy(() -> format(METADATA_BLOCKS, 3, sectors, options()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("data block size");
    }

    @Test
    void tooLargeADevTFails() {
        format(10);
        assertThatThrownBy(() -> pool.createVolume(ThinMetadata.MAX_DEVICE_ID + 1))
                .isInstanceOf(ThinRequestException.class);
        assertThatThrownBy(() -> pool.createVolume(-1)).isInstanceOf(ThinRequestException.class);
    }

    @Test
    void largestDevTSucceeds() {
        format(10);
        fill(create(ThinMetadata.MAX_DEVICE_ID, 1), 0, 1, 7);
        reopen();
        holds(volume(ThinMetadata.MAX_DEVICE_ID, 1), 0, 1, 7);
    }

    @Test
    void tooSmallAMetadataDevFails() {
        assertThatThrownBy(() -> format(5, 10, BLOCK_SECTORS, options())).isInstanceOf(PersistentDataException.class);
        assertThat(pool).isNull();
    }
}

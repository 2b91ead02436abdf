package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.MemoryDevice;
import org.junit.jupiter.api.Test;

/** The cases of the device-mapper test suites about external origins, under their own names. */
class DmExternalOriginTest extends PoolOnTheBench {
    private MemoryDevice origin(long bytes) {
        MemoryDevice origin = new MemoryDevice("origin", bytes);
        for (long at = 0; at < bytes; at += SECTOR) {
            write(origin, at, SECTOR, 7);
        }
        return origin;
    }

    @Test
    void snapEqualSize() {
        format(20);
        MemoryDevice origin = origin(4L * BLOCK);
        pool.createVolume(0);
        Volume volume = volume(0, 4, origin);
        holds(volume, 0, 4, 7);
        assertThat(used()).as("reading provides nothing").isZero();
        write(volume, BLOCK + 4096, 4096, 8);
        assertThat(read(volume, BLOCK, 4096)).isEqualTo(7);
        assertThat(read(volume, BLOCK + 4096, 4096)).isEqualTo(8);
        assertThat(read(volume, BLOCK + 8192, 2 * BLOCK - 8192)).isEqualTo(7);
        assertThat(used()).isEqualTo(1);
        assertThat(read(origin, 0, 4 * BLOCK)).as("the origin is never written").isEqualTo(7);
        discard(volume, 1, 1);
        holds(volume, 0, 4, 7);
    }

    @Test
    void snapSmallerThanOrigin() {
        format(20);
        pool.createVolume(0);
        Volume volume = volume(0, 2, origin(4L * BLOCK));
        holds(volume, 0, 2, 7);
        write(volume, 2 * BLOCK - 512, 512, 8);
        assertThat(read(volume, BLOCK, BLOCK - 512)).isEqualTo(7);
    }

    @Test
    void snapBiggerThanOrigin() {
        format(20);
        pool.createVolume(0);
        Volume volume = volume(0, 6, origin(2L * BLOCK));
        holds(volume, 0, 2, 7);
        holds(volume, 2, 4, 0);
        write(volume, 3 * BLOCK + 512, 512, 8);
        assertThat(read(volume, 3 * BLOCK, 512)).isZero();
        assertThat(read(volume, 3 * BLOCK + 1024, BLOCK - 1024)).isZero();
        volume.zero(0, BLOCK);
        holds(volume, 0, 1, 0);
        holds(volume, 1, 1, 7);
    }

    @Test
    void snapFractionalTailBlock() {
        format(20);
        int tail = 5 * SECTOR;
        pool.createVolume(0);
        Volume volume = volume(0, 4, origin(BLOCK + tail));
        tailIsPadded(volume, tail);
        write(volume, BLOCK, SECTOR, 7); // now the block is the volume's own
        assertThat(used()).isEqualTo(1);
        tailIsPadded(volume, tail);
        write(volume, 2 * BLOCK - SECTOR, SECTOR, 0);
        tailIsPadded(volume, tail);
    }

    private static void tailIsPadded(Volume volume, int tail) {
        holds(volume, 0, 1, 7);
        assertThat(read(volume, BLOCK, tail)).isEqualTo(7);
        assertThat(read(volume, BLOCK + tail, BLOCK - tail)).isZero();
        assertThat(read(volume, BLOCK + tail - SECTOR, SECTOR)).isEqualTo(7);
        holds(volume, 2, 2, 0);
    }

    /** Snapshots of such a volume are opened with the same origin. */
    @Test
    void snapshotsShowTheOriginToo() {
        format(20);
        MemoryDevice origin = origin(2L * BLOCK);
        pool.createVolume(0);
        Volume volume = volume(0, 2, origin);
        fill(volume, 0, 1, 8);
        pool.createSnapshot(1, 0);
        fill(volume, 1, 1, 9);
        Volume snapshot = volume(1, 2, origin);
        holds(snapshot, 0, 1, 8);
        holds(snapshot, 1, 1, 7);
    }
}

package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.space.NoSpaceException;
import io.pdata.thin.pool.ProbedDevice.Kind;
import io.pdata.thin.pool.ProbedDevice.Range;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The cases of the device-mapper test suites about discards, under their own names. */
class DmDiscardTest extends PoolOnTheBench {
    private static final int BLOCKS = 20;

    private Volume provisioned(PoolOptions options) {
        format(50, options);
        Volume volume = create(0, BLOCKS);
        fill(volume, 0, BLOCKS, 7);
        volume.flush();
        data.takeDiscards();
        return volume;
    }

    private Volume provisioned() {
        return provisioned(options());
    }

    private List<Range> passedDown(Volume volume) {
        volume.flush();
        return data.takeDiscards();
    }

    @Test
    void discardUnmapsWithPassdownDiscardablePool() {
        Volume volume = provisioned();
        discard(volume, 3, 4);
        assertThat(passedDown(volume)).containsExactly(new Range(3L * BLOCK, 4L * BLOCK));
        unmapped(volume, 3, 4);
    }

    @Test
    void discardUnmapsWithPassdownNonDiscardablePool() {
        Volume volume = provisioned();
        data.breakWhere(kind -> kind == Kind.DISCARD);
        discard(volume, 3, 4);
        assertThat(passedDown(volume)).isEmpty();
        assertThat(complaints).hasSize(1);
        unmapped(volume, 3, 4);
    }

    @Test
    void discardUnmapsWithNoPassdownDiscardablePool() {
        Volume volume = provisioned(options().withDiscards(true, false));
        discard(volume, 3, 4);
        assertThat(passedDown(volume)).isEmpty();
        unmapped(volume, 3, 4);
    }

    @Test
    void discardUnmapsWithNoPassdownNonDiscardablePool() {
        Volume volume = provisioned(options().withDiscards(true, false));
        data.breakWhere(kind -> kind == Kind.DISCARD);
        discard(volume, 3, 4);
        passedDown(volume);
        assertThat(complaints).isEmpty();
        unmapped(volume, 3, 4);
    }

    private void unmapped(Volume volume, long first, long blocks) {
        assertThat(used()).isEqualTo(BLOCKS - blocks);
        holds(volume, first, blocks, 0);
        holds(volume, 0, first, 7);
        holds(volume, first + blocks, BLOCKS - first - blocks, 7);
    }

    @Test
    void discardNoUnmapWithDiscardDisabled() {
        Volume volume = provisioned(options().withDiscards(false, true));
        discard(volume, 0, BLOCKS);
        assertThat(passedDown(volume)).isEmpty();
        unmapped(volume, 0, 0);
    }

    @Test
    void discardEmptyDevice() {
        format(50);
        Volume volume = create(0, BLOCKS);
        discard(volume, 0, BLOCKS);
        assertThat(used()).isZero();
    }

    @Test
    void discardFullyProvisionedDevice() {
        Volume volume = provisioned();
        discard(volume, 0, BLOCKS);
        unmapped(volume, 0, BLOCKS);
        assertThat(mapped(0)).isZero();
    }

    @Test
    void discardSingleBlock() {
        Volume volume = provisioned();
        discard(volume, 0, 1);
        unmapped(volume, 0, 1);
    }

    @Test
    void discardPartialBlocks() {
        Volume volume = provisioned();
        volume.discard(SECTOR, BLOCK - SECTOR);
        volume.discard(BLOCK, BLOCK - SECTOR);
        volume.discard(2 * BLOCK + SECTOR, BLOCK);
        unmapped(volume, 0, 0);
        volume.discard(2 * BLOCK + SECTOR, 3 * BLOCK);
        unmapped(volume, 3, 2);
    }

    @Test
    void discardSameBlocks() {
        Volume volume = provisioned();
        for (int i = 0; i < 10; i++) {
            discard(volume, 4, 3);
            unmapped(volume, 4, 3);
        }
    }

    @Test
    void discardAlternateBlocks() {
        Volume volume = provisioned();
        for (int block = 0; block < BLOCKS; block += 2) {
            discard(volume, block, 1);
        }
        assertThat(used()).isEqualTo(BLOCKS / 2);
        for (int block = 0; block < BLOCKS; block++) {
            holds(volume, block, 1, block % 2 * 7L);
        }
    }

    @Test
    void discardAFragmentedDevice() {
        Volume volume = provisioned();
        for (int block = 0; block < BLOCKS; block += 3) {
            discard(volume, block, 1);
        }
        discard(volume, 0, BLOCKS);
        assertThat(used()).isZero();
        holds(volume, 0, BLOCKS, 0);
    }

    @Test
    void discardRandomSectors() {
        Volume volume = provisioned();
        SplittableRandom random = new SplittableRandom(1);
        boolean[] gone = new boolean[BLOCKS];
        for (int i = 0; i < 200; i++) {
            int first = random.nextInt(BLOCKS * BLOCK_SECTORS);
            int count = random.nextInt(1, Math.min(3 * BLOCK_SECTORS, BLOCKS * BLOCK_SECTORS - first + 1));
            volume.discard(first * (long) SECTOR, count * (long) SECTOR);
            for (int block = Math.ceilDiv(first, BLOCK_SECTORS); block < (first + count) / BLOCK_SECTORS; block++) {
                gone[block] = true;
            }
        }
        long left = 0;
        for (int block = 0; block < BLOCKS; block++) {
            holds(volume, block, 1, gone[block] ? 0 : 7);
            left += gone[block] ? 0 : 1;
        }
        assertThat(used()).isEqualTo(left);
    }

    @Test
    void discardToASharedBlockDoesntGetPassedDown() {
        Volume volume = provisioned();
        Volume snapshot = snapshot(1, 0, BLOCKS);
        discard(volume, 0, BLOCKS);
        assertThat(passedDown(volume)).isEmpty();
        holds(volume, 0, BLOCKS, 0);
        holds(snapshot, 0, BLOCKS, 7);
        assertThat(used()).isEqualTo(BLOCKS);
    }

    @Test
    void discardToAPreviouslySharedBlockDoesGetPassedDown() {
        Volume volume = provisioned();
        Volume snapshot = snapshot(1, 0, BLOCKS);
        discard(snapshot, 0, BLOCKS);
        assertThat(passedDown(volume)).isEmpty();
        discard(volume, 0, BLOCKS);
        assertThat(passedDown(volume)).containsExactly(new Range(0, (long) BLOCKS * BLOCK));
        assertThat(used()).isZero();
    }

    @Test
    void discardOriginDoesNotEffectSnap() {
        Volume volume = provisioned();
        Volume snapshot = snapshot(1, 0, BLOCKS);
        discard(volume, 0, BLOCKS);
        fill(volume, 0, BLOCKS, 8);
        holds(snapshot, 0, BLOCKS, 7);
    }

    @Test
    void discardPastTheEndFails() {
        Volume volume = provisioned();
        assertThatThrownBy(() -> discard(volume, 0, BLOCKS + 1)).isInstanceOf(IndexOutOfBoundsException.class);
        unmapped(volume, 0, 0);
    }

    /** Whoever asks for the pool's status sees what discards have given free. */
    @Test
    void discardTriggersCommit() {
        Volume volume = provisioned();
        long commits = metadata.count(Kind.FLUSH);
        discard(volume, 0, 5);
        assertThat(pool.status().usedDataBlocks()).isEqualTo(BLOCKS - 5);
        assertThat(metadata.count(Kind.FLUSH)).isGreaterThan(commits);
        assertThat(data.takeDiscards()).containsExactly(new Range(0, 5L * BLOCK));
    }

    @Test
    void discardWithBackgroundIo() throws InterruptedException {
        Volume volume = provisioned();
        Volume other = create(1, BLOCKS);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread writer = Thread.ofPlatform().unstarted(() -> {
            for (int i = 1; !stop.get(); i++) {
                long block = i % BLOCKS;
                fill(other, block, 1, i);
                holds(other, block, 1, i);
            }
        });
        writer.setUncaughtExceptionHandler((_, e) -> failure.set(e));
        writer.start();
        for (int i = 0; i < 100; i++) {
            fill(volume, 0, BLOCKS, 7);
            discard(volume, 0, BLOCKS);
        }
        stop.set(true);
        writer.join();
        assertThat(failure.get()).isNull();
        holds(volume, 0, BLOCKS, 0);
        assertThat(used()).isEqualTo(mapped(1));
    }

    @Test
    void disableDiscard() {
        provisioned();
        reopen(options().withDiscards(false, true));
        Volume volume = volume(0, BLOCKS);
        discard(volume, 0, BLOCKS);
        unmapped(volume, 0, 0);
    }

    @Test
    void enablePassdown() {
        provisioned(options().withDiscards(true, false));
        reopen();
        Volume volume = volume(0, BLOCKS);
        discard(volume, 0, 2);
        assertThat(passedDown(volume)).containsExactly(new Range(0, 2L * BLOCK));
    }

    @Test
    void disablePassdown() {
        provisioned();
        reopen(options().withDiscards(true, false));
        Volume volume = volume(0, BLOCKS);
        discard(volume, 0, 2);
        assertThat(passedDown(volume)).isEmpty();
        unmapped(volume, 0, 2);
    }

    @Test
    void discardAfterOutOfSpace() {
        format(10);
        Volume volume = create(0, BLOCKS);
        assertThatThrownBy(() -> fill(volume, 0, BLOCKS, 7)).isInstanceOf(NoSpaceException.class);
        discard(volume, 0, 5);
        volume.flush();
        assertThat(modes).containsExactly(PoolMode.OUT_OF_DATA_SPACE, PoolMode.WRITE);
        fill(volume, 10, 5, 8);
        holds(volume, 10, 5, 8);
    }

    @Test
    void discardThenDeleteThin() {
        Volume volume = provisioned();
        discard(volume, 0, BLOCKS / 2);
        volume.close();
        pool.deleteVolume(0);
        assertThat(used()).isZero();
    }

    /** What a server tells its clients is the smallest that a discard can free. */
    @Test
    void poolGranularityMatchesDataDev() {
        format(METADATA_BLOCKS, 10, 2 * BLOCK_SECTORS, options());
        assertThat(create(0, 4).blockBytes()).isEqualTo(2 * BLOCK).isEqualTo(pool.blockBytes());
    }
}

package io.pdata.thin.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.device.MemoryDevice;
import io.pdata.thin.pool.Volume.Extent;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Descriptions of ranges: small ones in every state, and huge ones in little time. */
class VolumeExtentsTest extends PoolOnTheBench {
    /** 64 TiB: to look at each block would take minutes. */
    private static final long HUGE = 1L << 30;

    private static List<String> extents(Volume volume, long first, long blocks) {
        List<String> found = new ArrayList<>();
        long[] at = {first};
        volume.describe(first * BLOCK, blocks * BLOCK, (length, extent) -> {
            assertThat(length % BLOCK).isZero();
            found.add(at[0] + "+" + length / BLOCK + ":" + extent);
            at[0] += length / BLOCK;
            return true;
        });
        assertThat(at[0]).isEqualTo(first + blocks);
        return found;
    }

    @Test
    @Timeout(60)
    void aHugeVolumeIsWalkedFromMappingToMapping() {
        format(128);
        Volume volume = create(1, HUGE);
        fill(volume, 5, 2, 1);
        fill(volume, HUGE / 2, 1, 1);
        pool.status();
        fill(volume, HUGE - 1, 1, 1);
        List<String> expected = List.of("0+5:UNMAPPED", "5+2:OWN", "7+" + (HUGE / 2 - 7) + ":UNMAPPED",
                HUGE / 2 + "+1:OWN", HUGE / 2 + 1 + "+" + (HUGE / 2 - 2) + ":UNMAPPED", HUGE - 1 + "+1:OWN");
        assertThat(extents(volume, 0, HUGE)).isEqualTo(expected);
        assertThat(extents(snapshot(2, 1, HUGE), 0, HUGE))
                .isEqualTo(expected.stream().map(line -> line.replace("OWN", "SHARED")).toList());
        volume.zero(SECTOR, (HUGE - 1) * BLOCK);
        assertThat(extents(volume, 1, HUGE - 1))
                .containsExactly("1+" + (HUGE - 2) + ":UNMAPPED", HUGE - 1 + "+1:OWN");
        discard(volume, 0, HUGE);
        assertThat(extents(volume, 0, HUGE)).containsExactly("0+" + HUGE + ":UNMAPPED");
        assertThat(mapped(1)).isZero();
    }

    @Test
    @Timeout(60)
    void aHugeVolumeOnASmallOriginIsZeroedWithoutProvisioningWhatIsBehindIt() {
        format(128);
        MemoryDevice origin = new MemoryDevice("origin", 3L * BLOCK / 2);
        write(origin, 0, 3 * BLOCK / 2, 7);
        pool.createVolume(1);
        Volume volume = volume(1, HUGE, origin);
        assertThat(extents(volume, 0, HUGE)).containsExactly("0+2:ORIGIN", "2+" + (HUGE - 2) + ":UNMAPPED");
        fill(volume, 1000, 1, 9);
        volume.zero(BLOCK, (HUGE - 1) * BLOCK);
        assertThat(extents(volume, 0, HUGE)).containsExactly("0+1:ORIGIN", "1+1:OWN", "2+" + (HUGE - 2) + ":UNMAPPED");
        holds(volume, 0, 1, 7);
        holds(volume, 1, 3, 0);
        holds(volume, 1000, 1, 0);
    }

    @Test
    void onlyAsMuchIsDescribedAsIsWanted() {
        format(128);
        Volume volume = create(1, 100);
        for (int block = 0; block < 100; block += 2) {
            fill(volume, block, 1, 1);
        }
        List<Long> lengths = new ArrayList<>();
        volume.describe(SECTOR, 99L * BLOCK, (length, _) -> {
            lengths.add(length);
            return lengths.size() < 3;
        });
        assertThat(lengths).containsExactly((long) BLOCK - SECTOR, (long) BLOCK, (long) BLOCK);
        volume.describe(0, 0, (length, _) -> lengths.add(length));
        assertThat(lengths).hasSize(3);
    }

    /** Uncommitted changes of every kind, on committed mappings: each block is described exactly. */
    @Test
    void extentsAgreeWithLookupsWhateverIsCommitted() {
        for (long seed = 0; seed < 8; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            if (pool != null) {
                pool.close();
            }
            format(2048);
            int blocks = 1500;
            Volume volume = create(1, blocks);
            create(2, blocks);
            TreeMap<Long, Extent> model = new TreeMap<>();
            for (int step = 0; step < 60; step++) {
                long begin = random.nextLong(blocks);
                long count = Math.min(blocks - begin, 1 + random.nextLong(random.nextBoolean() ? 3 : 400));
                switch (random.nextInt(5)) {
                case 0, 1 -> {
                    fill(volume, begin, Math.min(count, 20), 1);
                    for (long block = begin; block < begin + Math.min(count, 20); block++) {
                        model.put(block, Extent.OWN);
                    }
                }
                case 2 -> {
                    discard(volume, begin, count);
                    model.subMap(begin, begin + count).clear();
                }
                case 3 -> pool.status();
                default -> {
                    if (random.nextInt(8) == 0) {
                        pool.createSnapshot(100 + step, 1);
                        model.replaceAll((_, _) -> Extent.SHARED);
                    }
                }
                }
                agrees(volume, model, random.nextLong(blocks), blocks);
            }
            agrees(volume, model, 0, blocks);
        }
    }

    private static void agrees(Volume volume, TreeMap<Long, Extent> model, long first, long end) {
        long[] at = {first};
        volume.describe(first * BLOCK, (end - first) * BLOCK, (length, extent) -> {
            for (long block = at[0]; block < at[0] + length / BLOCK; block++) {
                assertThat(extent).as("block %d", block).isEqualTo(model.getOrDefault(block, Extent.UNMAPPED));
            }
            at[0] += length / BLOCK;
            return true;
        });
        assertThat(at[0]).isEqualTo(end);
    }
}

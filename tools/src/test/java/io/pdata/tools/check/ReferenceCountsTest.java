package io.pdata.tools.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compact counters against plain ones. */
class ReferenceCountsTest {
    private static final int BLOCKS = 4 * ReferenceCounts.CHUNK + 100;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void countsAreThoseOfPlainCounters(long seed) {
        // Runs and single blocks, crowded enough that chunks widen in the middle of a run.
        Random random = new Random(seed);
        ReferenceCounts counts = new ReferenceCounts(BLOCKS);
        long[] plain = new long[BLOCKS];
        long[] list = new long[252];
        for (int round = 0; round < 400; round++) {
            int n = 0;
            while (n < list.length) {
                int begin = random.nextInt(round % 3 == 0 ? 100 : BLOCKS);
                int length = Math.min(random.nextInt(1, 80), Math.min(BLOCKS - begin, list.length - n));
                for (int i = 0; i < length; i++) {
                    list[n++] = begin + i;
                    plain[begin + i]++;
                }
            }
            counts.inc(list, n);
            int single = random.nextInt(BLOCKS);
            counts.inc(single);
            plain[single]++;
        }
        for (int block = 0; block < BLOCKS; block++) {
            assertThat(counts.get(block)).as("block %d, seed %d", block, seed).isEqualTo(plain[block]);
            long packed = counts.packed(block & -ReferenceCounts.PACKED) >>> 2 * (block % ReferenceCounts.PACKED) & 3;
            assertThat(packed).as("packed block %d, seed %d", block, seed).isEqualTo(Math.min(3, plain[block]));
        }
        assertThat(IntStream.range(0, BLOCKS).anyMatch(block -> plain[block] > 255)).as("8 bits overflow").isTrue();
    }

    @Test
    void countsPassEveryWidth() {
        ReferenceCounts counts = new ReferenceCounts(10);
        for (int i = 1; i <= 70_000; i++) {
            counts.inc(7);
            if (i < 5 || i > 250 && i < 260 || i > 65_530 && i < 65_540) {
                assertThat(counts.get(7)).isEqualTo(i);
            }
        }
        assertThat(counts.get(6)).isZero();
        assertThat(counts.get(8)).isZero();
    }

    @Test
    void nothingIsLostBetweenThreads() {
        ReferenceCounts counts = new ReferenceCounts(ReferenceCounts.CHUNK);
        long[] all = IntStream.range(0, ReferenceCounts.CHUNK).asLongStream().toArray();
        IntStream.range(0, 300).parallel().forEach(_ -> counts.inc(all, all.length));
        assertThat(IntStream.range(0, ReferenceCounts.CHUNK)).allMatch(block -> counts.get(block) == 300);
    }

    @Test
    void blocksThatAreNotCountedArePassedOver() {
        ReferenceCounts counts = new ReferenceCounts(5);
        assertThat(counts.inc(5)).isFalse();
        assertThat(counts.inc(-1)).isFalse();
        assertThat(counts.inc(4)).isTrue();
        assertThat(counts.packed(0)).isEqualTo(1L << 8);
    }

    @Test
    void anEnormousNumberOfBlocksTakesLittleMemory() {
        ReferenceCounts counts = new ReferenceCounts(1L << 40);
        counts.inc((1L << 40) - 1);
        assertThat(counts.get((1L << 40) - 1)).isEqualTo(1);
        assertThat(counts.packed(1L << 39)).isZero();
    }
}

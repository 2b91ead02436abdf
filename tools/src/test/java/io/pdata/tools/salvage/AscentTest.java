package io.pdata.tools.salvage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AscentTest {

    private static long[] kept(long... keys) {
        boolean[] kept = Ascent.longest(keys);
        return IntStream.range(0, keys.length).filter(i -> kept[i]).mapToLong(i -> keys[i]).toArray();
    }

    @Test
    void keysInOrderAreAllKept() {
        assertThat(kept(1, 5, 7, -1)).containsExactly(1, 5, 7, -1);
        assertThat(kept()).isEmpty();
    }

    @Test
    void oneKeyThatIsFarTooHighCostsOnlyItself() {
        assertThat(kept(1, 2, 900, 3, 4)).containsExactly(1, 2, 3, 4);
    }

    @Test
    void oneKeyThatIsFarTooLowCostsOnlyItself() {
        assertThat(kept(10, 11, 2, 12)).containsExactly(10, 11, 12);
    }

    @Test
    void ofEqualKeysTheFirstIsKept() {
        assertThat(Ascent.longest(new long[]{3, 4, 4, 5})).containsExactly(true, true, false, true);
    }

    @Test
    void keysThatMayNotBeUsedAreNot() {
        assertThat(Ascent.longest(new long[]{1, 2, 3}, new boolean[]{true, false, true})).containsExactly(true, false,
                true);
    }

    /** Against all subsets. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void nothingLongerAscends(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            long[] keys = random.longs(random.nextInt(1, 10), 0, 8).toArray();
            long[] kept = kept(keys);
            assertThat(kept).isSorted().doesNotHaveDuplicates();
            assertThat(kept.length).as(Arrays.toString(keys)).isEqualTo(longestByTrying(keys));
        }
    }

    private static int longestByTrying(long[] keys) {
        int best = 0;
        for (int subset = 0; subset < 1 << keys.length; subset++) {
            long last = -1;
            boolean ascends = true;
            for (int i = 0; i < keys.length && ascends; i++) {
                if ((subset >> i & 1) != 0) {
                    ascends = keys[i] > last;
                    last = keys[i];
                }
            }
            best = ascends ? Math.max(best, Integer.bitCount(subset)) : best;
        }
        return best;
    }
}

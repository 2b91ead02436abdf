package io.pdata.tools.thin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class UsedBlocksTest {
    private static final int BLOCKS = 400_000;

    @Test
    void itKnowsWhatASetKnows() {
        SplittableRandom random = new SplittableRandom(7);
        UsedBlocks used = new UsedBlocks(BLOCKS);
        BitSet set = new BitSet();
        for (int i = 0; i < 300; i++) {
            int begin = 70_000 + random.nextInt(200_000); // the first and the last pages stay empty
            int end = begin + 1 + random.nextInt(i % 10 == 0 ? 3000 : 100);
            used.add(begin, end);
            set.set(begin, end);
        }
        used.count();

        assertThat(used.used()).isEqualTo(set.cardinality());
        int before = 0;
        for (int block = 0; block < BLOCKS; block++) {
            assertThat(used.usedBefore(block)).isEqualTo(before);
            if (set.get(block)) {
                before++;
            } else {
                assertThat(used.free(block - before)).isEqualTo(block);
            }
        }
        assertThat(used.usedBefore(BLOCKS)).isEqualTo(before);
        for (int i = 0; i < 10_000; i++) {
            int from = random.nextInt(BLOCKS);
            int limit = from + random.nextInt(BLOCKS + 1 - from);
            int next = set.nextSetBit(from);
            assertThat(used.nextUsed(from, limit)).isEqualTo(next < 0 ? limit : Math.min(next, limit));
            assertThat(used.nextFree(from, limit)).isEqualTo(Math.min(set.nextClearBit(from), limit));
        }
    }
}

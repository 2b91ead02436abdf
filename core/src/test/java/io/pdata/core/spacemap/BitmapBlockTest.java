package io.pdata.core.spacemap;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.Bytes;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BitmapBlockTest {
    private final MemorySegment block = MemorySegment.ofArray(new byte[4096]);
    private final MemorySegment other = MemorySegment.ofArray(new byte[4096]);

    /** The bits of a pair are in reverse order; a mistake here is invisible until a kernel reads the map. */
    @Test
    void theLowerBitOfAPairIsTheHighBitOfTheCount() {
        for (int count = 0; count <= 3; count++) {
            BitmapBlock.set(block, 32 + count, count);
        }
        assertThat(block.get(Bytes.U64, 24)).isEqualTo(0b11_01_10_00L);
        for (int count = 0; count <= 3; count++) {
            assertThat(BitmapBlock.count(block, 32 + count)).isEqualTo(count);
        }
    }

    @Test
    void theLastEntryIsInTheLastBits() {
        BitmapBlock.set(block, BitmapBlock.ENTRIES - 1, 2);
        assertThat(block.get(Bytes.U64, 4088)).isEqualTo(1L << 62);
    }

    @Test
    void settingAnEntryLeavesItsNeighboursAlone() {
        int[] model = new int[BitmapBlock.ENTRIES];
        Random random = new Random(1);
        for (int i = 0; i < 50_000; i++) {
            int entry = random.nextInt(model.length);
            model[entry] = random.nextInt(4);
            BitmapBlock.set(block, entry, model[entry]);
        }
        for (int i = 0; i < model.length; i++) {
            assertThat(BitmapBlock.count(block, i)).as("entry %d", i).isEqualTo(model[i]);
        }
        assertThat(block.get(Bytes.U64, 0) | block.get(Bytes.U64, 8)).as("header").isZero();
    }

    @Test
    void firstFreeFindsWhatALoopOverTheEntriesFinds() {
        Random random = new Random(2);
        for (int round = 0; round < 2000; round++) {
            fillAlmost(block, random);
            fillAlmost(other, random);
            MemorySegment second = random.nextBoolean() ? other : null;
            int from = random.nextInt(BitmapBlock.ENTRIES);
            int end = from + 1 + random.nextInt(BitmapBlock.ENTRIES - from);
            int expected = IntStream.range(from, end)
                    .filter(i -> BitmapBlock.count(block, i) == 0
                            && (second == null || BitmapBlock.count(second, i) == 0))
                    .findFirst().orElse(-1);
            assertThat(BitmapBlock.firstFree(block, second, from, end)).as("from %d to %d", from, end)
                    .isEqualTo(expected);
        }
    }

    @Test
    void firstFreedFindsWhatALoopOverTheEntriesFinds() {
        Random random = new Random(3);
        for (int round = 0; round < 500; round++) {
            fillAlmost(block, random);
            fillAlmost(other, random);
            for (int from = random.nextInt(50); from >= 0 && from <= BitmapBlock.ENTRIES;) {
                int expected = IntStream.range(from, BitmapBlock.ENTRIES)
                        .filter(i -> BitmapBlock.count(block, i) != 0 && BitmapBlock.count(other, i) == 0)
                        .findFirst().orElse(-1);
                assertThat(BitmapBlock.firstFreed(block, other, from)).as("from %d", from).isEqualTo(expected);
                from = expected < 0 ? -1 : expected + 1;
            }
        }
    }

    /** In use everywhere but for a few entries, of which some are next to the ends. */
    private static void fillAlmost(MemorySegment bitmap, Random random) {
        for (int word = 0; word < 510; word++) {
            bitmap.set(Bytes.U64, 16 + 8 * word, 0xB6DB_6DB6_DB6D_B6DBL | 0x5555_5555_5555_5555L);
        }
        for (int i = random.nextInt(6); i > 0; i--) {
            int near = random.nextInt(3) * 8159;
            BitmapBlock.set(bitmap, Math.clamp(near + random.nextInt(64) - 32, 0, BitmapBlock.ENTRIES - 1), 0);
        }
    }
}

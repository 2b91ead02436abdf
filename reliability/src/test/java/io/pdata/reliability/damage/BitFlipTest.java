package io.pdata.reliability.damage;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.BlockValidator;
import io.pdata.reliability.damage.BitFlips.Place;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A flipped bit is either noticed and located, or in a block that nobody asks for. */
@Timeout(value = 15 * 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BitFlipTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final int SAMPLE = Boolean.getBoolean("long.tests") ? 100_000 : 1_000;
    private static final int FREE_SAMPLE = SAMPLE / 20;
    private static final BitFlips FLIPS = new BitFlips(SmallImages.all(), SEED);

    @Test
    void noFlipInAnyBlockInUseGetsPastItsValidator() {
        Map<Place, Integer> missed = FLIPS.used().parallelStream()
                .collect(Collectors.toConcurrentMap(place -> place, FLIPS::missedByValidator));
        assertThat(missed).allSatisfy((place, count) -> assertThat(count).as("%s", place).isZero());
    }

    @Test
    void noFlipMakesABlockOneOfAnotherType() {
        BlockTypes.ALL.parallelStream().forEach(BitFlipTest::assertNoFlipChangesTheType);
    }

    private static void assertNoFlipChangesTheType(BlockValidator type) {
        Image image = SmallImages.all().stream().filter(candidate -> block(candidate, type) >= 0).findFirst()
                .orElseThrow().copy();
        long block = block(image, type);
        for (int bit = 0; bit < BitFlips.BITS; bit++) {
            image.flip(block, bit);
            assertThat(BlockTypes.of(image, block)).as("%s, bit %d", type.type(), bit).isEmpty();
            image.flip(block, bit);
        }
    }

    /** The first block of a type, or -1. */
    private static long block(Image image, BlockValidator type) {
        return LongStream.range(0, image.blocks()).filter(block -> BlockTypes.passes(type, image, block)).findFirst()
                .orElse(-1);
    }

    @Test
    void nobodyIsFooledByAFlipInAWholeImage() {
        System.out
                .println("bit flips: seed " + SEED + ", " + SAMPLE + " of " + FLIPS.usedFlips() + " in blocks in use, "
                        + FREE_SAMPLE + " in free ones");
        Stream<BitFlips.Flip> sample = LongStream.concat(LongStream.range(0, SAMPLE),
                LongStream.range(FLIPS.usedFlips(), FLIPS.usedFlips() + FREE_SAMPLE)).mapToObj(FLIPS::get);
        assertThat(sample.parallel().flatMap(flip -> fooled(flip).stream()).toList()).isEmpty();
    }

    /** All flips in a block are refused alike, as the first test shows: so what matters is who meets which block. */
    @Test
    void nobodyIsFooledByAFlipInAnyOfTheBlocksInUse() {
        SplittableRandom random = new SplittableRandom(SEED);
        List<BitFlips.Flip> one = FLIPS.used().stream()
                .map(place -> new BitFlips.Flip(place, random.nextInt(BitFlips.BITS))).toList();
        assertThat(one.parallelStream().flatMap(flip -> fooled(flip).stream()).toList()).isEmpty();
    }

    private static List<AssertionError> fooled(BitFlips.Flip flip) {
        try {
            FLIPS.verify(flip);
            return List.of();
        } catch (AssertionError e) {
            return List.of(e);
        }
    }
}

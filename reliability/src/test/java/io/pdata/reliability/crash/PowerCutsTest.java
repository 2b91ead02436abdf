package io.pdata.reliability.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.reliability.disk.FaultPlan;
import io.pdata.reliability.workload.Workload;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The campaigns of power cuts, within a small budget. {@code reliability/run power-cuts} does more of the same. */
class PowerCutsTest {
    private static final boolean LONG = Boolean.getBoolean("long.tests");
    private static final long SEED = Long.getLong("seed", 1);
    private static final long TINY_CACHE = 0;
    private static final int LENGTH = 4;
    private static final int ENOUGH = 2_000_000;

    private static Stream<Workload<?>> small() {
        return Arrays.stream(Subject.values()).flatMap(subject -> subject.small().stream());
    }

    private static Stream<Workload<?>> wide() {
        return Arrays.stream(Subject.values()).map(Subject::wide).filter(workload -> workload != null);
    }

    private static Stream<Workload<?>> large() {
        return Arrays.stream(Subject.values()).flatMap(subject -> subject.large().stream());
    }

    private static <C> Figures exhaustive(Workload<C> workload, int length, long cacheBytes) {
        ExhaustiveCampaign<C> campaign = new ExhaustiveCampaign<>(workload,
                ExhaustiveCampaign.Plan.of(SEED, length, cacheBytes), _ -> {});
        assertThat(campaign.run(() -> true)).isTrue();
        System.out.printf("%s, up to %d steps, seed %d: %s%n", workload.name(), length, SEED, campaign.figures());
        return campaign.figures();
    }

    @Test
    void everyShortSequenceCutOffAtEveryIo() {
        List<Figures> all = small().toList().parallelStream()
                .map(workload -> exhaustive(workload, LENGTH, workload.ampleCache())).toList();
        Figures total = new Figures();
        all.forEach(total::add);
        System.out.println("power cuts, all together: " + total);
        assertThat(total.states()).isGreaterThanOrEqualTo(ENOUGH);
        assertThat(total.distinctImages()).as("of those, different").isGreaterThan(ENOUGH / 4);
    }

    /** Blocks are written before the commit, because the cache holds no more. */
    @ParameterizedTest
    @MethodSource("wide")
    void everyShortSequenceWithATinyCache(Workload<?> workload) {
        exhaustive(workload, LONG ? 2 : 1, TINY_CACHE);
    }

    @ParameterizedTest
    @MethodSource("large")
    void lifeOfCrashes(Workload<?> workload) {
        random(workload);
    }

    private static <C> void random(Workload<C> workload) {
        int cycles = LONG ? 5000 : 200;
        for (long seed = SEED; seed < SEED + 2; seed++) { // one with an ample cache, one with a tiny one
            RandomCampaign<C> campaign = new RandomCampaign<>(workload, RandomCampaign.Plan.of(seed, cycles), _ -> {});
            assertThat(campaign.run(() -> true)).isTrue();
            System.out.printf("%s, seed %d: %s%n", workload.name(), seed, campaign.figures());
            assertThat(campaign.figures().cycles()).isEqualTo(cycles);
        }
    }

    /** Without the flush between the blocks and the superblock, a crash can leave the latter without the former. */
    @ParameterizedTest
    @MethodSource("small")
    void firstFlushOfACommitIsMissed(Workload<?> workload) {
        assertCaught(workload, n -> n % 2 == 1);
    }

    /** Without the flush after the superblock, what has been acknowledged can be lost. */
    @ParameterizedTest
    @MethodSource("small")
    void secondFlushOfACommitIsMissed(Workload<?> workload) {
        assertCaught(workload, n -> n % 2 == 0);
    }

    private static <C> void assertCaught(Workload<C> workload, LongPredicate ignored) {
        ExhaustiveCampaign<C> exhaustive = new ExhaustiveCampaign<>(workload, new ExhaustiveCampaign.Plan(SEED, 1,
                workload.ampleCache(), 256, () -> new FaultPlan().ignoreFlushes(ignored)), _ -> {});
        assertThatThrownBy(() -> exhaustive.run(() -> true)).isInstanceOf(AssertionError.class)
                .hasMessageContaining("a crash after");
        RandomCampaign<C> random = new RandomCampaign<>(workload,
                new RandomCampaign.Plan(SEED, 200, () -> new FaultPlan().ignoreFlushes(ignored)), _ -> {});
        assertThatThrownBy(() -> random.run(() -> true)).isInstanceOf(AssertionError.class)
                .hasMessageContaining("a crash after").hasMessageContaining("these are enough: [");
    }
}

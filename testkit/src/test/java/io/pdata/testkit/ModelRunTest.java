package io.pdata.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ModelRunTest {

    sealed interface Op {
        record Add(int key) implements Op {
            @Override
            public String toString() {
                return "add " + key;
            }
        }

        record Remove(int key) implements Op {
            @Override
            public String toString() {
                return "remove " + key;
            }
        }
    }

    static final class Pair {
        final Set<Integer> tested = new TreeSet<>();
        final Set<Integer> reference = new HashSet<>();
        boolean ended;
    }

    /** A set that loses its keys below 10 while it has four of 10 and more, and otherwise is right. */
    static class Forgetful implements Model<Pair, Op> {
        final boolean buggy;
        final List<Pair> started = new ArrayList<>();

        Forgetful(boolean buggy) {
            this.buggy = buggy;
        }

        @Override
        public Pair start() {
            started.add(new Pair());
            return started.getLast();
        }

        @Override
        public Op next(SplittableRandom random, Pair state) {
            int key = random.nextBoolean() ? random.nextInt(10) : random.nextInt(100);
            return random.nextInt(3) > 0 ? new Op.Add(key) : new Op.Remove(key);
        }

        @Override
        public void apply(Pair state, Op operation) {
            switch (operation) {
            case Op.Add(int key) -> {
                state.reference.add(key);
                state.tested.add(key);
                if (buggy && state.tested.stream().filter(k -> k >= 10).count() >= 4) {
                    state.tested.removeIf(k -> k < 10);
                }
            }
            case Op.Remove(int key) -> assertThat(state.tested.remove(key)).isEqualTo(state.reference.remove(key));
            }
        }

        @Override
        public void check(Pair state) {
            assertThat(state.tested).isEqualTo(state.reference);
        }

        @Override
        public void end(Pair state) {
            state.ended = true;
        }
    }

    @Test
    void aCorrectStructurePasses() {
        assertThatCode(() -> new ModelRun<>("set", new Forgetful(false)).seeds(5).operations(300).run())
                .doesNotThrowAnyException();
    }

    @Test
    void theShrinkerFindsTheMinimalSequence() {
        Throwable failure = failure(3);

        // Fewer than five operations cannot provoke it, and no key can be smaller: 0 to lose, and four of at least 10.
        List<String> sequence = failure.getMessage().lines().filter(line -> line.startsWith("  ")).toList();
        assertThat(sequence).hasSize(5).contains("  add 0", "  add 10", "  add 11", "  add 12", "  add 13");
    }

    @Test
    void theFailureNamesTheSeedAndHowToRunItAgain() {
        assertThat(failure(3)).hasMessageContaining("forgetful set fails with seed 3")
                .hasMessageContaining("-Dmodel.seed=3 -Dmodel.operations=400").hasCauseInstanceOf(AssertionError.class);
    }

    @Test
    void theSameSeedFailsTheSameWay() {
        assertThat(failure(7).getMessage()).isEqualTo(failure(7).getMessage());
    }

    @Test
    void everyStateThatWasStartedIsEndedEvenWhenItFails() {
        Forgetful model = new Forgetful(true);
        assertThatThrownBy(() -> new ModelRun<>("set", model).run(3, 400)).isInstanceOf(AssertionError.class);
        assertThat(model.started).hasSizeGreaterThan(1).allMatch(pair -> pair.ended);
    }

    @Test
    void aBugThatOnlyTheLastCheckSeesIsFoundAndShrunkToo() {
        assertThatThrownBy(
                () -> new ModelRun<>("forgetful set", new Forgetful(true)).checkEvery(1_000_000).run(3, 400))
                .hasMessageContaining("Shortest failing sequence (5):");
    }

    @Test
    void anotherKindOfFailureDoesNotTakeThePlaceOfTheFirst() {
        // Without "add 50" before it, "remove 50" throws something else: that shorter sequence is not the bug.
        Forgetful model = new Forgetful(true) {
            @Override
            public void apply(Pair state, Op operation) {
                if (operation instanceof Op.Remove(int key) && !state.tested.contains(key)) {
                    throw new IllegalStateException("not there");
                }
                super.apply(state, operation);
            }

            @Override
            public Op next(SplittableRandom random, Pair state) {
                Op op = super.next(random, state);
                return op instanceof Op.Remove(int key) && !state.tested.contains(key) ? new Op.Add(key) : op;
            }
        };
        assertThatThrownBy(() -> new ModelRun<>("set", model).run(5, 400)).hasCauseInstanceOf(AssertionError.class)
                .hasMessageNotContaining("not there");
    }

    private static Throwable failure(long seed) {
        return catchThrowable(() -> new ModelRun<>("forgetful set", new Forgetful(true)).run(seed, 400));
    }
}

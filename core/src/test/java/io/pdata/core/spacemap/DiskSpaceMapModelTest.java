package io.pdata.core.spacemap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.testing.TestStore;
import io.pdata.testkit.Model;
import io.pdata.testkit.ModelRun;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The disk space map against an array of counts, which also says which block an allocation has to return. */
class DiskSpaceMapModelTest {

    sealed interface Operation {}
    record Allocate(int times) implements Operation {}
    record Inc(int begin, int length, int times) implements Operation {}
    record Dec(int begin, int length, int times) implements Operation {}
    record Extend(int blocks) implements Operation {}
    record Commit() implements Operation {}
    record Abort() implements Operation {}
    record Reopen() implements Operation {}

    private static final class State {
        final TestStore store;
        int[] counts;
        int[] committed;
        int begin;

        State(int dataBlocks) {
            store = TestStore.format(600, dataBlocks);
            counts = new int[dataBlocks];
            committed = counts.clone();
        }

        DiskSpaceMap map() {
            return store.dataMap();
        }

        int expectedAllocation() {
            int found = firstFree(begin);
            return found < 0 ? firstFree(0) : found;
        }

        private int firstFree(int from) {
            for (int i = from; i < counts.length; i++) {
                if (counts[i] == 0 && (i >= committed.length || committed[i] == 0)) {
                    return i;
                }
            }
            return -1;
        }
    }

    private record Counts(int initialBlocks, int maxBlocks) implements Model<State, Operation> {
        @Override
        public State start() {
            return new State(initialBlocks);
        }

        @Override
        public Operation next(SplittableRandom random, State state) {
            int begin = near(random, state.counts.length);
            return switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4 -> new Allocate(1 + random.nextInt(random.nextInt(30) == 0 ? 9000 : 40));
            case 5, 6, 7, 8, 9 -> new Inc(begin, length(random), 1 + random.nextInt(random.nextInt(4) == 0 ? 39 : 3));
            case 10, 11, 12, 13, 14, 15 -> new Dec(begin, length(random), 1 + random.nextInt(10));
            case 16 -> new Extend(random.nextInt(5) == 0 ? 17_000 : random.nextInt(300));
            case 17, 18 -> new Commit();
            default -> random.nextBoolean() ? new Abort() : new Reopen();
            };
        }

        /** The same few places again and again, most of them at the ends of bitmaps. */
        private static int near(SplittableRandom random, int size) {
            int place = random.nextInt(4) == 0 ? random.nextInt(size + 1) : random.nextInt(4) * BitmapBlock.ENTRIES;
            return Math.max(0, place + random.nextInt(60) - 30);
        }

        private static int length(SplittableRandom random) {
            return random.nextInt(5) == 0 ? random.nextInt(600) : random.nextInt(5);
        }

        @Override
        public void apply(State state, Operation operation) {
            switch (operation) {
            case Allocate(int times) -> allocate(state, times);
            case Inc(int begin, int length, int times) -> inc(state, begin, length, times);
            case Dec(int begin, int length, int times) -> dec(state, begin, length, times);
            case Extend(int blocks) -> {
                if (state.counts.length + blocks <= maxBlocks) {
                    state.map().extend(blocks);
                    state.counts = Arrays.copyOf(state.counts, state.counts.length + blocks);
                }
            }
            case Commit() -> commit(state);
            case Abort() -> {
                state.store.abort();
                rolledBack(state);
            }
            case Reopen() -> {
                state.store.reopen();
                rolledBack(state);
            }
            }
        }

        private static void rolledBack(State state) {
            state.counts = state.committed.clone();
            state.begin = 0;
        }

        private static void allocate(State state, int times) {
            for (int i = 0; i < times; i++) {
                int expected = state.expectedAllocation();
                if (expected < 0) {
                    assertThatThrownBy(state.map()::newBlock).isInstanceOf(NoSpaceException.class);
                    return;
                }
                assertThat(state.map().newBlock()).as("allocated block").isEqualTo(expected);
                state.counts[expected] = 1;
                state.begin = expected + 1;
            }
        }

        private static void inc(State state, int begin, int length, int times) {
            int end = Math.min(state.counts.length, begin + length);
            if (begin > end) {
                return;
            }
            for (int i = 0; i < times; i++) {
                state.map().inc(begin, end);
                for (int block = begin; block < end; block++) {
                    state.counts[block]++;
                }
            }
        }

        /** As far as all blocks of the range have a count that can be taken. */
        private static void dec(State state, int begin, int length, int times) {
            int end = begin;
            while (end < state.counts.length && end < begin + length && state.counts[end] > 0) {
                end++;
            }
            if (begin >= state.counts.length) {
                return;
            }
            int least = Arrays.stream(state.counts, begin, end).min().orElse(0);
            for (int i = 0; i < Math.min(times, least); i++) {
                state.map().dec(begin, end);
                for (int block = begin; block < end; block++) {
                    state.counts[block]--;
                }
            }
        }

        private static void commit(State state) {
            state.store.commit();
            state.committed = state.counts.clone();
            state.store.verify(references -> {
                for (int block = 0; block < state.counts.length; block++) {
                    for (int i = 0; i < state.counts[block]; i++) {
                        references.data(block);
                    }
                }
            });
        }

        @Override
        public void check(State state) {
            assertThat(state.map().blocks()).isEqualTo(state.committed.length);
            long inUse = Arrays.stream(state.counts).filter(count -> count > 0).count();
            assertThat(state.map().free()).isEqualTo(Math.max(0, state.committed.length - inUse));
            for (int block = 0; block < state.counts.length; block++) {
                if (state.map().count(block) != state.counts[block]) {
                    assertThat(state.map().count(block)).as("count of block %d", block).isEqualTo(state.counts[block]);
                }
                if (state.map().isShared(block) != state.counts[block] > 1) {
                    assertThat(state.map().isShared(block)).as("block %d is shared", block)
                            .isEqualTo(state.counts[block] > 1);
                }
            }
            assertThatThrownBy(() -> state.map().count(state.counts.length)).isInstanceOf(CorruptionException.class);
        }

        @Override
        public void end(State state) {
            state.store.close();
        }
    }

    @Test
    void countsAndAllocationsAgreeWithAnArrayAcrossBitmaps() {
        new ModelRun<>("disk space map", new Counts(16_000, 50_000)).seeds(4).operations(300).checkEvery(10).run();
    }

    /** Small enough to be full again and again. */
    @Test
    void countsAndAllocationsAgreeWithAnArrayInASmallFullMap() {
        new ModelRun<>("small disk space map", new Counts(50, 400)).seeds(20).operations(300).checkEvery(3).run();
    }
}

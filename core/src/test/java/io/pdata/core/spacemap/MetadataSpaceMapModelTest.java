package io.pdata.core.spacemap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.testing.TestStore;
import io.pdata.core.transaction.ReadView;
import io.pdata.testkit.Model;
import io.pdata.testkit.ModelRun;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The metadata space map against a map of counts. The blocks that it takes for itself are known at commits, when all
 * references are counted again; in between it must keep away from those of the last commit.
 */
class MetadataSpaceMapModelTest {

    sealed interface Operation {}
    record Allocate(int times) implements Operation {}
    record Inc(int which, int times) implements Operation {}
    record Dec(int which, int times) implements Operation {}
    record Range(int which, int length, boolean up) implements Operation {}
    record Grow(int blocks) implements Operation {}
    record OpenView() implements Operation {}
    record CloseView(int which) implements Operation {}
    record Commit() implements Operation {}
    record Abort() implements Operation {}
    record Reopen() implements Operation {}

    private record View(ReadView<long[]> view, Set<Long> inUse) {}

    private static final class State {
        final TestStore store;
        TreeMap<Long, Integer> counts = new TreeMap<>();
        TreeMap<Long, Integer> committed = new TreeMap<>();
        /** All blocks that the last commit has in use, those of the map itself included. */
        Set<Long> inUse = new TreeSet<>();
        final List<View> views = new ArrayList<>();

        State(int blocks) {
            store = TestStore.format(blocks);
            committed();
        }

        MetadataSpaceMap map() {
            return store.spaceMap();
        }

        void committed() {
            committed = new TreeMap<>(counts);
            inUse = new TreeSet<>();
            for (long block = 0; block < map().blocks(); block++) {
                if (map().count(block) > 0) {
                    inUse.add(block);
                }
            }
            store.verify(references -> counts.forEach((block, count) -> {
                for (int i = 0; i < count; i++) {
                    references.first(block);
                }
            }));
        }

        void rolledBack() {
            counts = new TreeMap<>(committed);
        }

        void closeViews() {
            views.forEach(each -> each.view().close());
            views.clear();
        }
    }

    private record Counts(int blocks, boolean grows) implements Model<State, Operation> {
        @Override
        public State start() {
            return new State(blocks);
        }

        @Override
        public Operation next(SplittableRandom random, State state) {
            int which = random.nextInt(1 << 20);
            return switch (random.nextInt(24)) {
            case 0, 1, 2, 3, 4, 5 -> new Allocate(1 + random.nextInt(random.nextInt(20) == 0 ? 400 : 20));
            case 6, 7, 8, 9 -> new Inc(which, 1 + random.nextInt(random.nextInt(4) == 0 ? 39 : 3));
            case 10, 11, 12, 13, 14 -> new Dec(which, 1 + random.nextInt(15));
            case 15, 16 -> new Range(which, random.nextInt(60), random.nextInt(3) == 0);
            case 17 -> new Grow(random.nextInt(40));
            case 18 -> random.nextBoolean() ? new OpenView() : new CloseView(which);
            case 19, 20, 21 -> new Commit();
            default -> random.nextBoolean() ? new Abort() : new Reopen();
            };
        }

        @Override
        public void apply(State state, Operation operation) {
            switch (operation) {
            case Allocate(int times) -> allocate(state, times);
            case Inc(int which, int times) -> change(state, which, times, true);
            case Dec(int which, int times) -> change(state, which, times, false);
            case Range(int which, int length, boolean up) -> range(state, which, length, up);
            case Grow(int more) -> {
                if (grows) {
                    orRollBack(state, () -> state.store.grow(more));
                }
            }
            case OpenView() -> state.views.add(new View(state.store.openView(), state.inUse));
            case CloseView(int which) -> {
                if (!state.views.isEmpty()) {
                    state.views.remove(which % state.views.size()).view().close();
                }
            }
            case Commit() -> orRollBack(state, () -> {
                state.store.commit();
                state.committed();
            });
            case Abort() -> {
                state.store.abort();
                state.rolledBack();
            }
            case Reopen() -> {
                state.closeViews();
                state.store.reopen();
                state.rolledBack();
            }
            }
        }

        private static void orRollBack(State state, Runnable step) {
            try {
                step.run();
            } catch (NoSpaceException e) {
                assertThat(e.spaceMap()).isEqualTo("metadata space map");
                state.store.abort();
                state.rolledBack();
            }
        }

        /** A failed allocation changes no count: {@link #check}, which follows, would see it. */
        private static void allocate(State state, int times) {
            for (int i = 0; i < times; i++) {
                long block;
                try {
                    block = state.map().newBlock();
                } catch (NoSpaceException e) {
                    assertThat(e.blocks()).isEqualTo(state.map().blocks());
                    return;
                }
                assertThat(state.inUse).as("blocks of the last commit").doesNotContain(block);
                for (View view : state.views) {
                    assertThat(view.inUse()).as("blocks that an open view sees").doesNotContain(block);
                }
                assertThat(state.counts.put(block, 1)).as("count of block %d, just allocated", block).isNull();
            }
        }

        private static Long pick(Collection<Long> owned, int which) {
            return owned.isEmpty() ? null : owned.stream().skip(which % owned.size()).findFirst().orElseThrow();
        }

        private static void change(State state, int which, int times, boolean up) {
            Long block = pick(state.counts.keySet(), which);
            for (int i = 0; block != null && i < times && state.counts.containsKey(block); i++) {
                long target = block;
                orRollBack(state, () -> {
                    if (up) {
                        state.map().inc(target);
                    } else {
                        state.map().dec(target);
                    }
                    adjust(state, target, up);
                });
            }
        }

        private static void adjust(State state, long block, boolean up) {
            state.counts.merge(block, up ? 1 : -1,
                    (count, change) -> count + change == 0 ? null : (Integer) (count + change));
        }

        private static void range(State state, int which, int length, boolean up) {
            Long begin = pick(state.counts.keySet(), which);
            if (begin == null) {
                return;
            }
            long end = begin;
            while (end < begin + length && state.counts.containsKey(end)) {
                end++;
            }
            long last = end;
            orRollBack(state, () -> {
                if (up) {
                    state.map().inc(begin, last);
                } else {
                    state.map().dec(begin, last);
                }
                for (long block = begin; block < last; block++) {
                    adjust(state, block, up);
                }
            });
        }

        @Override
        public void check(State state) {
            state.counts.forEach((block, count) -> {
                assertThat(state.map().count(block)).as("count of block %d", block).isEqualTo((long) count);
                assertThat(state.map().isShared(block)).as("block %d is shared", block).isEqualTo(count > 1);
            });
            state.committed.keySet().stream().filter(block -> !state.counts.containsKey(block))
                    .forEach(block -> assertThat(state.map().count(block)).as("count of block %d", block).isZero());
            assertThatThrownBy(() -> state.map().count(state.map().blocks())).isInstanceOf(CorruptionException.class);
        }

        @Override
        public void end(State state) {
            state.closeViews();
            state.store.close();
        }
    }

    @Test
    void countsAgreeWithAMapInSmallFullMaps() {
        new ModelRun<>("metadata space map, 60 blocks", new Counts(60, true)).seeds(12).operations(300).run();
        new ModelRun<>("metadata space map, 12 blocks", new Counts(12, false)).seeds(12).operations(200).run();
    }

    /** Overflow trees of two levels, and so recursion in earnest. */
    @Test
    void countsAgreeWithAMapInALargerMap() {
        new ModelRun<>("metadata space map, 2000 blocks", new Counts(2000, true)).seeds(3).operations(1500)
                .checkEvery(10).run();
    }

    @Test
    void countsAgreeWithAMapThatGrowsAcrossABitmapBoundary() {
        new ModelRun<>("metadata space map, growing past a bitmap", new Counts(BitmapBlock.ENTRIES - 20, true)).seeds(3)
                .operations(200).checkEvery(10).run();
    }
}

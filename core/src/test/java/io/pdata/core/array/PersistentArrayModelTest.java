package io.pdata.core.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.ValueType;
import io.pdata.core.testing.TestStore;
import io.pdata.testkit.Model;
import io.pdata.testkit.ModelRun;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Arrays and clones of arrays against {@code long[]}; with values that are references to data blocks. */
class PersistentArrayModelTest {
    private static final int PER_BLOCK = 509;
    private static final int DATA_BLOCKS = 200;

    sealed interface Operation {}
    record Set(int slot, int index, int value) implements Operation {}
    record Resize(int slot, int size, int value) implements Operation {}
    record Create(int slot, int size) implements Operation {}
    record Clone(int slot) implements Operation {}
    record Commit() implements Operation {}
    record Abort() implements Operation {}

    /** Values are data blocks, which the array's values hold references to. */
    private record DataReferences(TestStore store) implements ValueType {
        @Override
        public int size() {
            return Long.BYTES;
        }

        @Override
        public void inc(MemorySegment values, long offset, int count) {
            for (int i = 0; i < count; i++) {
                store.dataMap().inc(values.get(Bytes.U64, offset + 8L * i));
            }
        }

        @Override
        public void dec(MemorySegment values, long offset, int count) {
            for (int i = 0; i < count; i++) {
                store.dataMap().dec(values.get(Bytes.U64, offset + 8L * i));
            }
        }
    }

    private static final class State {
        final TestStore store = TestStore.format(500, DATA_BLOCKS);
        final PersistentArray array = new PersistentArray(store.transactions(), new DataReferences(store));
        final MemorySegment value = MemorySegment.ofArray(new byte[8]);
        /** Slot i of the store; null if there is no array. */
        List<long[]> arrays = new ArrayList<>(Arrays.asList(new long[TestStore.ROOTS][]));
        List<long[]> committed = new ArrayList<>(arrays);

        int slot(int number) {
            return number % TestStore.ROOTS;
        }

        MemorySegment value(long content) {
            value.set(Bytes.U64, 0, content);
            return value;
        }
    }

    private record Arrays64() implements Model<State, Operation> {
        @Override
        public State start() {
            State state = new State();
            state.store.commit();
            return state;
        }

        @Override
        public Operation next(SplittableRandom random, State state) {
            int slot = random.nextInt(TestStore.ROOTS);
            int value = random.nextInt(DATA_BLOCKS);
            return switch (random.nextInt(16)) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> new Set(slot, random.nextInt(4 * PER_BLOCK), value);
            case 8, 9, 10 -> new Resize(slot, size(random), value);
            case 11 -> new Create(slot, size(random));
            case 12, 13 -> new Clone(slot);
            case 14 -> new Commit();
            default -> new Abort();
            };
        }

        /** Mostly at or next to the end of a block. */
        private static int size(SplittableRandom random) {
            int place = random.nextInt(4) * PER_BLOCK;
            return random.nextInt(4) == 0
                    ? random.nextInt(4 * PER_BLOCK)
                    : Math.max(0, place + random.nextInt(3) - 1);
        }

        @Override
        public void apply(State state, Operation operation) {
            switch (operation) {
            case Set(int slot, int index, int value) -> set(state, state.slot(slot), index, value);
            case Resize(int slot, int size, int value) -> resize(state, state.slot(slot), size, value);
            case Create(int slot, int size) -> create(state, state.slot(slot), size);
            case Clone(int slot) -> cloneOrDelete(state, state.slot(slot));
            case Commit() -> commit(state);
            case Abort() -> {
                state.store.abort();
                state.arrays = copy(state.committed);
            }
            }
        }

        private static List<long[]> copy(List<long[]> arrays) {
            return arrays.stream().map(array -> array == null ? null : array.clone())
                    .collect(Collectors.toCollection(ArrayList::new));
        }

        private static void set(State state, int slot, int index, int value) {
            long[] model = state.arrays.get(slot);
            if (model != null && index < model.length) {
                state.array.set(state.store.root(slot), index, state.value(value));
                model[index] = value;
            }
        }

        private static void resize(State state, int slot, int size, int value) {
            long[] model = state.arrays.get(slot);
            if (model == null) {
                return;
            }
            if (size < model.length && size % PER_BLOCK == 0 && model.length / PER_BLOCK == size / PER_BLOCK) {
                return; // leaves a block behind: see PersistentArrayTest
            }
            state.array.resize(state.store.root(slot), model.length, size, state.value(value));
            long[] resized = Arrays.copyOf(model, size);
            if (size > model.length) {
                Arrays.fill(resized, model.length, size, value);
            }
            state.arrays.set(slot, resized);
        }

        private static void create(State state, int slot, int size) {
            if (state.arrays.get(slot) != null) {
                state.array.delete(state.store.root(slot).block());
            }
            long[] model = new long[size];
            Arrays.setAll(model, i -> i * 7L % DATA_BLOCKS);
            long root = state.array
                    .create(size, (index, block, offset) -> block.set(Bytes.U64, offset, model[(int) index])).block();
            state.store.root(slot).moveTo(root);
            state.arrays.set(slot, model);
        }

        /** The next slot gets a clone of this one, or is emptied. */
        private static void cloneOrDelete(State state, int slot) {
            int target = (slot + 1) % TestStore.ROOTS;
            if (state.arrays.get(target) != null) {
                state.array.delete(state.store.root(target).block());
                state.store.root(target).moveTo(0);
                state.arrays.set(target, null);
            } else if (state.arrays.get(slot) != null) {
                state.store.transactions().inc(state.store.root(slot).block());
                state.store.root(target).moveTo(state.store.root(slot).block());
                state.arrays.set(target, state.arrays.get(slot).clone());
            }
        }

        private static void commit(State state) {
            state.store.commit();
            state.committed = copy(state.arrays);
            state.store.verify(references -> {
                for (int i = 0; i < TestStore.ROOTS; i++) {
                    references.array(state.store.root(i),
                            (block, offset) -> references.data(block.get(Bytes.U64, offset)));
                }
            });
        }

        @Override
        public void check(State state) {
            ArrayReader reader = new ArrayReader(state.store.transactions(), Long.BYTES);
            for (int i = 0; i < TestStore.ROOTS; i++) {
                long[] model = state.arrays.get(i);
                if (model != null) {
                    check(reader, state.store.root(i).block(), model);
                }
            }
        }

        private static void check(ArrayReader reader, long root, long[] model) {
            long[] walked = new long[model.length];
            int[] next = {0};
            reader.walk(root, (index, block, offset) -> {
                assertThat(index).isEqualTo(next[0]);
                walked[next[0]++] = block.get(Bytes.U64, offset);
                return true;
            });
            assertThat(next[0]).as("length").isEqualTo(model.length);
            assertThat(walked).isEqualTo(model);
            if (model.length > 0) {
                assertThat(reader.getLong(root, model.length - 1)).isEqualTo(model[model.length - 1]);
            }
            assertThatThrownBy(() -> reader.getLong(root, model.length)).isInstanceOf(CorruptionException.class);
        }

        @Override
        public void end(State state) {
            state.store.close();
        }
    }

    @Test
    void arraysOfReferencesAndTheirClonesAgreeWithPlainArrays() {
        new ModelRun<>("array", new Arrays64()).seeds(6).operations(250).checkEvery(10).run();
    }
}

package io.pdata.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.Bytes;
import io.pdata.core.btree.BTree;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.Cursor;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.btree.ValueRuns;
import io.pdata.core.btree.ValueType;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.testing.References;
import io.pdata.core.testing.TestStore;
import io.pdata.core.transaction.ReadView;
import io.pdata.testkit.Model;
import io.pdata.testkit.ModelRun;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

/**
 * All of the core at once against plain maps: up to eight trees whose values refer to data blocks, cloned from each
 * other and deleted in any order, through commits, roll-backs, reopening, growth and full space maps, with views open
 * beside. At each commit every reference is counted again from what is on the device.
 */
class StoreModelTest {
    private static final int TREES = TestStore.ROOTS;
    private static final int MAX_VIEWS = 3;

    sealed interface Operation {}
    record Put(int tree, long first, int count, int stride) implements Operation {}
    record Remove(int tree, long first, int count, int stride) implements Operation {}
    record RemoveRange(int tree, long first, int length) implements Operation {}
    record Look(int tree, long first, int count) implements Operation {}
    record Clone(int from, int to) implements Operation {}
    record Delete(int tree) implements Operation {}
    record Commit() implements Operation {}
    record Abort() implements Operation {}
    record Reopen() implements Operation {}
    record GrowMetadata(int blocks) implements Operation {}
    record GrowData(int blocks) implements Operation {}
    record OpenView() implements Operation {}
    record CloseView(int which) implements Operation {}

    /** What one committed or running state ought to contain: for each tree its entries, null for no tree. */
    private static final class Contents {
        final List<TreeMap<Long, Long>> trees = new ArrayList<>();

        Contents() {
            for (int i = 0; i < TREES; i++) {
                trees.add(null);
            }
        }

        Contents(Contents other) {
            other.trees.forEach(tree -> trees.add(tree == null ? null : new TreeMap<>(tree)));
        }
    }

    private record Observer(ReadView<long[]> view, Contents contents) {}

    private static final class State {
        final TestStore store;
        BTree tree;
        Contents now = new Contents();
        Contents committed = new Contents();
        final List<Observer> observers = new ArrayList<>();
        int timesFull;

        State(int metadataBlocks, int dataBlocks) {
            store = TestStore.format(metadataBlocks, dataBlocks);
            makeTree();
        }

        void makeTree() {
            tree = new BTree(store.transactions(), 1, new DataBlocks(store));
        }

        TreeMap<Long, Long> entries(int which) {
            return now.trees.get(which);
        }
    }

    /** Values that are data blocks: the tree keeps their counts right. */
    private record DataBlocks(TestStore store) implements ValueType {
        @Override
        public int size() {
            return 8;
        }

        @Override
        public void inc(MemorySegment values, long offset, int count) {
            ValueRuns.forEach(values, offset, count, 0, store.dataMap()::inc);
        }

        @Override
        public void dec(MemorySegment values, long offset, int count) {
            ValueRuns.forEach(values, offset, count, 0, store.dataMap()::dec);
        }
    }

    /** How large it begins and how far it may grow decides whether space runs out. */
    private record StoreModel(int metadataBlocks, int dataBlocks, long keys,
            AtomicInteger timesFull) implements Model<State, Operation> {
        @Override
        public State start() {
            return new State(metadataBlocks, dataBlocks);
        }

        @Override
        public Operation next(SplittableRandom random, State state) {
            int tree = random.nextInt(TREES);
            long first = random.nextLong(keys);
            int count = 1 + random.nextInt(1 << random.nextInt(9));
            int stride = 1 + random.nextInt(1 << random.nextInt(6));
            return switch (random.nextInt(40)) {
            case 0, 1 -> new Clone(random.nextInt(TREES), tree);
            case 2 -> new Delete(tree);
            case 3, 4, 5 -> new Commit();
            case 6 -> new Abort();
            case 7 -> random.nextInt(4) == 0 ? new Reopen() : new Commit();
            case 8 -> random.nextInt(8) == 0 ? new GrowMetadata(random.nextInt(1, 30)) : new Look(tree, first, count);
            case 9 -> random.nextInt(4) == 0 ? new GrowData(random.nextInt(1, 500)) : new Look(tree, first, count);
            case 10 -> new OpenView();
            case 11 -> new CloseView(random.nextInt(MAX_VIEWS));
            case 12, 13, 14, 15, 16 -> new RemoveRange(tree, first, count * stride);
            case 17, 18, 19, 20, 21, 22 -> new Remove(tree, first, count, stride);
            default -> new Put(tree, first, count, stride);
            };
        }

        @Override
        public void apply(State state, Operation operation) {
            try {
                change(state, operation);
            } catch (NoSpaceException e) {
                state.timesFull++;
                assertThat(e.getMessage()).contains(e.spaceMap()).contains(e.free() + " of " + e.blocks());
                abort(state);
            }
        }

        private void change(State state, Operation operation) {
            switch (operation) {
            case Put put -> put(state, put);
            case Remove remove -> remove(state, remove);
            case RemoveRange range -> removeRange(state, range);
            case Look look -> look(state, look);
            case Clone clone -> cloneTree(state, clone);
            case Delete delete -> delete(state, delete.tree());
            case Commit _ -> commit(state);
            case Abort _ -> abort(state);
            case Reopen _ -> reopen(state);
            case GrowMetadata grow -> grow(state, grow.blocks());
            case GrowData grow -> state.store.dataMap().extend(grow.blocks());
            case OpenView _ -> openView(state);
            case CloseView close -> closeView(state, close.which());
            }
        }

        private static void put(State state, Put put) {
            if (state.entries(put.tree()) == null) {
                state.store.root(put.tree()).moveTo(state.tree.empty().block());
                state.now.trees.set(put.tree(), new TreeMap<>());
            }
            for (int i = 0; i < put.count(); i++) {
                long key = put.first() + (long) i * put.stride();
                long block = state.store.dataMap().newBlock();
                boolean isNew = state.tree.insertLong(state.store.root(put.tree()), key, block);
                assertThat(isNew).isEqualTo(state.entries(put.tree()).put(key, block) == null);
            }
        }

        private static void remove(State state, Remove remove) {
            if (state.entries(remove.tree()) != null) {
                for (int i = 0; i < remove.count(); i++) {
                    long key = remove.first() + (long) i * remove.stride();
                    assertThat(state.tree.remove(state.store.root(remove.tree()), key))
                            .isEqualTo(state.entries(remove.tree()).remove(key) != null);
                }
            }
        }

        private static void removeRange(State state, RemoveRange range) {
            TreeMap<Long, Long> entries = state.entries(range.tree());
            if (entries == null) {
                return;
            }
            long end = range.first() + range.length();
            TreeRoot root = state.store.root(range.tree());
            long[] key = {range.first()};
            MemorySegment value = MemorySegment.ofArray(new byte[8]);
            long removed = 0;
            while (key[0] < end && state.tree.lookupNext(root.block(), key, value) && key[0] < end) {
                long run = state.tree.removeLeaves(root, key, end);
                assertThat(run).isPositive();
                removed += run;
            }
            Map<Long, Long> expected = entries.subMap(range.first(), end);
            assertThat(removed).isEqualTo(expected.size());
            expected.clear();
        }

        private static void look(State state, Look look) {
            TreeMap<Long, Long> entries = state.entries(look.tree());
            if (entries == null) {
                return;
            }
            long root = state.store.root(look.tree()).block();
            for (long key = look.first(); key < look.first() + look.count(); key++) {
                assertThat(state.tree.lookupLong(root, key, -1)).isEqualTo(entries.getOrDefault(key, -1L));
            }
            assertThat(state.tree.lowestKey(root).stream().boxed().toList())
                    .isEqualTo(entries.isEmpty() ? List.of() : List.of(entries.firstKey()));
            assertThat(state.tree.highestKey(root).stream().boxed().toList())
                    .isEqualTo(entries.isEmpty() ? List.of() : List.of(entries.lastKey()));
        }

        private static void cloneTree(State state, Clone clone) {
            if (clone.from() == clone.to() || state.entries(clone.from()) == null) {
                return;
            }
            delete(state, clone.to());
            long root = state.store.root(clone.from()).block();
            state.store.transactions().inc(root);
            state.store.root(clone.to()).moveTo(root);
            state.now.trees.set(clone.to(), new TreeMap<>(state.entries(clone.from())));
        }

        private static void delete(State state, int tree) {
            if (state.entries(tree) != null) {
                state.tree.delete(state.store.root(tree).block());
                state.store.root(tree).moveTo(0);
                state.now.trees.set(tree, null);
            }
        }

        private static void commit(State state) {
            state.store.commit();
            state.committed = new Contents(state.now);
            verify(state);
        }

        private static void abort(State state) {
            state.store.abort();
            state.now = new Contents(state.committed);
            assertContents(state.tree, i -> state.store.root(i).block(), state.now);
        }

        private static void reopen(State state) {
            state.observers.forEach(observer -> observer.view().close());
            state.observers.clear();
            state.store.reopen();
            state.makeTree();
            state.now = new Contents(state.committed);
            assertContents(state.tree, i -> state.store.root(i).block(), state.now);
        }

        private static void grow(State state, int blocks) {
            state.store.grow(blocks);
        }

        private static void openView(State state) {
            if (state.observers.size() < MAX_VIEWS) {
                state.observers.add(new Observer(state.store.openView(), new Contents(state.committed)));
            }
        }

        private static void closeView(State state, int which) {
            if (which < state.observers.size()) {
                Observer observer = state.observers.remove(which);
                assertSees(observer);
                observer.view().close();
            }
        }

        private static void assertSees(Observer observer) {
            BTreeReader reader = new BTreeReader(observer.view(), 1, 8);
            assertContents(reader, i -> observer.view().roots()[i], observer.contents());
        }

        /** The invariants: views see what they saw, and every count is that of a walk over all roots. */
        private static void verify(State state) {
            state.observers.forEach(StoreModel::assertSees);
            state.store.verify(references -> {
                for (int i = 0; i < TREES; i++) {
                    count(references, state.store.root(i).block());
                }
            });
        }

        private static void count(References references, long root) {
            if (root != 0) {
                references.tree(root, 1, (leaf, offset) -> references.data(leaf.get(Bytes.U64, offset)));
            }
        }

        private static void assertContents(BTreeReader reader, IntToLongFunction roots,
                Contents contents) {
            for (int i = 0; i < TREES; i++) {
                TreeMap<Long, Long> expected = contents.trees.get(i);
                if (expected == null) {
                    assertThat(roots.applyAsLong(i)).isZero();
                } else {
                    assertThat(entries(reader, roots.applyAsLong(i))).isEqualTo(expected);
                }
            }
        }

        private static TreeMap<Long, Long> entries(BTreeReader reader, long root) {
            TreeMap<Long, Long> entries = new TreeMap<>();
            try (Cursor cursor = reader.cursor(root)) {
                while (cursor.valid()) {
                    entries.put(cursor.key(), cursor.longValue());
                    cursor.next();
                }
            }
            return entries;
        }

        @Override
        public void check(State state) {
            apply(state, new Commit());
        }

        @Override
        public void end(State state) {
            timesFull.addAndGet(state.timesFull);
            state.observers.forEach(observer -> observer.view().close());
            state.store.close();
        }
    }

    /** Plenty of room. About three million key operations. */
    @Test
    void treesClonedAndChangedInAnyOrder() {
        new ModelRun<>("store with room", new StoreModel(4000, 60_000, 20_000, new AtomicInteger())).seeds(18)
                .operations(1500)
                .checkEvery(1500).run();
    }

    /** Both space maps run full again and again; each time the last commit must be whole. */
    @Test
    void fullSpaceMapsLeaveTheLastCommit() {
        AtomicInteger timesFull = new AtomicInteger();
        ModelRun<?, ?> run = new ModelRun<>("store without room", new StoreModel(60, 1500, 3000, timesFull)).seeds(24)
                .operations(800).checkEvery(800);
        run.run();
        if (run.unabridged()) {
            assertThat(timesFull.get()).as("otherwise this test has tested nothing").isGreaterThan(50);
        }
    }

    /** Every key is hit often: nodes split and merge, counts go up and down past 3. */
    @Test
    void fewKeysManyChanges() {
        new ModelRun<>("store of few keys", new StoreModel(300, 4000, 300, new AtomicInteger())).seeds(20)
                .operations(1500).checkEvery(1500)
                .run();
    }
}

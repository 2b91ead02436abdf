package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trees against maps: any operations, on clones that share nodes, with the whole structure checked again and again. */
class BTreeModelTest {
    private static final int CHECKS = 8;

    private static final class Tree {
        final TreeRoot root;
        final NavigableMap<Long, Long> model;

        Tree(TreeRoot root, NavigableMap<Long, Long> model) {
            this.root = root;
            this.model = model;
        }
    }

    private TreeLab lab;
    private BTree btree;
    private ReferencingValues type;
    private Random random;
    private int keySpace;
    private MemorySegment buffer;
    private final List<Tree> trees = new ArrayList<>();

    /** Key spaces are chosen so that the trees get two to three nodes high. */
    @ParameterizedTest
    @CsvSource({"1, 30000, 1", "4, 20000, 2", "8, 20000, 3", "8, 300, 4", "12, 15000, 5", "16, 12000, 6",
        "24, 10000, 7", "100, 9000, 8", "500, 4000, 9", "1346, 2500, 10"})
    void randomOperationsOnClonesAgreeWithMaps(int valueSize, int keys, long seed) {
        random = new Random(seed);
        keySpace = keys;
        type = new ReferencingValues(valueSize);
        buffer = MemorySegment.ofArray(new byte[valueSize]);
        try (TreeLab fresh = new TreeLab(30_000)) {
            lab = fresh;
            btree = new BTree(lab.transactions, 1, type);
            trees.add(new Tree(btree.empty(), new TreeMap<>(Long::compareUnsigned)));
            for (int check = 0; check < CHECKS; check++) {
                for (int i = 0; i < 25; i++) {
                    batch();
                }
                verify();
                if (random.nextInt(2) == 0) {
                    lab.commit();
                }
            }
            while (!trees.isEmpty()) {
                deleteOne();
            }
            verify();
        }
    }

    private void batch() {
        Tree tree = trees.get(random.nextInt(trees.size()));
        switch (random.nextInt(10)) {
        case 0, 1, 2 -> insertRandom(tree, 200);
        case 3 -> insertRun(tree, 1);
        case 4 -> insertRun(tree, -1);
        case 5, 6 -> removeRandom(tree, 150);
        case 7 -> removeRange(tree);
        case 8 -> {
            lab.transactions.inc(tree.root.block());
            trees.add(new Tree(new TreeRoot(tree.root.block()), new TreeMap<>(tree.model)));
        }
        default -> {
            if (trees.size() > 4) {
                deleteOne();
            }
        }
        }
    }

    private void deleteOne() {
        Tree tree = trees.remove(random.nextInt(trees.size()));
        btree.delete(tree.root.block());
    }

    private void insertRandom(Tree tree, int count) {
        for (int i = 0; i < count; i++) {
            put(tree, randomKey());
        }
    }

    private void insertRun(Tree tree, int step) {
        long key = randomKey();
        for (int i = 0; i < 300; i++) {
            put(tree, key);
            key += step;
        }
    }

    private void put(Tree tree, long key) {
        long value = random.nextInt(4) == 0 && tree.model.containsKey(key)
                ? tree.model.get(key)
                : type.newValue(random);
        type.write(value, buffer);
        if (!type.sameBytes(value, tree.model.get(key))) {
            type.take(value);
        }
        boolean isNew = btree.insert(tree.root, key, buffer);
        assertThat(isNew).isEqualTo(!tree.model.containsKey(key));
        tree.model.put(key, value);
    }

    private void removeRandom(Tree tree, int count) {
        for (int i = 0; i < count; i++) {
            Long near = tree.model.ceilingKey(randomKey());
            long key = near == null || random.nextInt(8) == 0 ? randomKey() : near;
            long before = tree.root.block();
            boolean removed = btree.remove(tree.root, key);
            assertThat(removed).isEqualTo(tree.model.remove(key) != null);
            if (!removed) {
                assertThat(tree.root.block()).isEqualTo(before);
            }
        }
    }

    /** As a discard does it: lookupNext and removeLeaves in turn. */
    private void removeRange(Tree tree) {
        long begin = randomKey();
        long end = begin + random.nextInt(keySpace / 4 + 1);
        if (Long.compareUnsigned(end, begin) < 0) {
            return;
        }
        long[] key = {begin};
        long expected = tree.model.subMap(begin, end).size();
        long removed = 0;
        while (btree.lookupNext(tree.root.block(), key, buffer) && Long.compareUnsigned(key[0], end) < 0) {
            long now = btree.removeLeaves(tree.root, key, end);
            assertThat(now).isPositive();
            removed += now;
        }
        assertThat(removed).isEqualTo(expected);
        tree.model.subMap(begin, end).clear();
    }

    /** Dense keys on both sides of the sign bit. */
    private long randomKey() {
        return Long.MIN_VALUE - keySpace / 2 + random.nextInt(keySpace);
    }

    private void verify() {
        long[] expected = new long[ReferencingValues.REFERENCES];
        lab.checkAll(trees.stream().map(tree -> tree.root).toList(), 1, type.size(),
                (node, offset, count) -> type.countInto(expected, node, offset, count));
        assertThat(type.counts).as("references held by values").isEqualTo(expected);
        for (Tree tree : trees) {
            verifyContent(tree);
        }
    }

    private void verifyContent(Tree tree) {
        MemorySegment found = MemorySegment.ofArray(new byte[type.size()]);
        try (Cursor cursor = btree.cursor(tree.root.block())) {
            for (Map.Entry<Long, Long> entry : tree.model.entrySet()) {
                cursor.value(found);
                type.write(entry.getValue(), buffer);
                if (cursor.key() != entry.getKey() || found.mismatch(buffer) != -1) {
                    fail("the cursor is at %x, the map at %x", cursor.key(), entry.getKey());
                }
                cursor.next();
            }
            assertThat(cursor.valid()).isFalse();
        }
        for (int i = 0; i < 500; i++) {
            long key = randomKey();
            Long expected = tree.model.get(key);
            assertThat(btree.lookup(tree.root.block(), key, found)).isEqualTo(expected != null);
            if (expected != null) {
                type.write(expected, buffer);
                assertThat(found.mismatch(buffer)).isEqualTo(-1);
            }
            long[] next = {key};
            Long ceiling = tree.model.ceilingKey(key);
            assertThat(btree.lookupNext(tree.root.block(), next, found)).isEqualTo(ceiling != null);
            assertThat(ceiling == null || next[0] == ceiling).isTrue();
        }
        assertThat(btree.lowestKey(tree.root.block()).stream().boxed().findFirst().orElse(null))
                .isEqualTo(tree.model.isEmpty() ? null : tree.model.firstKey());
        assertThat(btree.highestKey(tree.root.block()).stream().boxed().findFirst().orElse(null))
                .isEqualTo(tree.model.isEmpty() ? null : tree.model.lastKey());
    }

    /** Values whose first byte names something that is counted; inserting one takes a reference, as the contract says. */
    static final class ReferencingValues implements ValueType {
        static final int REFERENCES = 256;

        final long[] counts = new long[REFERENCES];
        private final int size;

        ReferencingValues(int size) {
            this.size = size;
        }

        long newValue(Random random) {
            return random.nextLong();
        }

        /** Writes a value out; what it refers to belongs to whoever has the bytes next. */
        void write(long value, MemorySegment target) {
            for (int i = 0; i < size; i++) {
                target.set(ValueLayout.JAVA_BYTE, i, (byte) (value >>> 8 * (i % 8) ^ i / 8));
            }
        }

        void take(long value) {
            counts[(int) value & 0xff]++;
        }

        /** Overwriting a value by an equal one neither takes nor gives up a reference. */
        boolean sameBytes(long value, Long old) {
            long mask = size >= 8 ? -1 : (1L << 8 * size) - 1;
            return old != null && ((value ^ old) & mask) == 0;
        }

        void countInto(long[] target, MemorySegment values, long offset, int count) {
            add(target, values, offset, count, 1);
        }

        private void add(long[] target, MemorySegment values, long offset, int count, int by) {
            for (int i = 0; i < count; i++) {
                target[values.get(ValueLayout.JAVA_BYTE, offset + (long) i * size) & 0xff] += by;
            }
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public void inc(MemorySegment values, long offset, int count) {
            add(counts, values, offset, count, 1);
        }

        @Override
        public void dec(MemorySegment values, long offset, int count) {
            add(counts, values, offset, count, -1);
        }
    }
}

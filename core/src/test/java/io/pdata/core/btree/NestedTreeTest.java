package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.pdata.core.block.Bytes;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trees in trees, against maps whose keys are lists. */
class NestedTreeTest {

    private record Tree(TreeRoot root, TreeMap<long[], Long> model) {
        static TreeMap<long[], Long> newModel() {
            return new TreeMap<>(Arrays::compareUnsigned);
        }
    }

    private TreeLab lab;
    private BTree btree;
    private Random random;
    private int levels;
    private int keySpace;
    private MemorySegment buffer;

    @ParameterizedTest
    @CsvSource({"2, 8, 600, 1", "3, 8, 40, 2", "4, 8, 9, 3", "2, 24, 500, 4", "3, 4, 300, 5"})
    void clonesOfNestedTreesDivergeAndDieIndependently(int nesting, int valueSize, int keys, long seed) {
        random = new Random(seed);
        levels = nesting;
        keySpace = keys;
        buffer = MemorySegment.ofArray(new byte[Math.max(valueSize, 8)]);
        try (TreeLab fresh = new TreeLab(60_000)) {
            lab = fresh;
            btree = new BTree(lab.transactions, levels, ValueType.plain(valueSize));
            List<Tree> trees = new ArrayList<>();
            trees.add(new Tree(btree.empty(), Tree.newModel()));
            for (int round = 0; round < 60; round++) {
                Tree tree = trees.get(random.nextInt(trees.size()));
                change(tree);
                if (round % 8 == 7) {
                    lab.transactions.inc(tree.root.block());
                    trees.add(new Tree(new TreeRoot(tree.root.block()), new TreeMap<>(tree.model)));
                }
                if (trees.size() > 4) {
                    btree.delete(trees.remove(random.nextInt(trees.size())).root.block());
                }
                if (round % 10 == 9) {
                    verify(trees);
                    lab.commit();
                }
            }
            trees.forEach(tree -> btree.delete(tree.root.block()));
            verify(List.of());
        }
    }

    private void change(Tree tree) {
        for (int i = 0; i < 300; i++) {
            long[] keys = randomKeys();
            long value = random.nextInt();
            buffer.set(Bytes.U64, 0, value);
            assertThat(btree.insert(tree.root, keys, buffer)).isEqualTo(tree.model.put(keys, value) == null);
        }
        for (int i = 0; i < 200; i++) {
            long[] keys = random.nextBoolean() ? tree.model.ceilingKey(randomKeys()) : randomKeys();
            if (keys != null) {
                assertThat(btree.remove(tree.root, keys)).isEqualTo(tree.model.remove(keys) != null);
            }
        }
        long[] from = tree.model.ceilingKey(randomKeys());
        if (from != null) {
            long end = from[levels - 1] + 3;
            long[] to = from.clone();
            to[levels - 1] = end;
            long removed = btree.removeLeaves(tree.root, from, end);
            assertThat(removed).isPositive();
            for (int i = 0; i < removed; i++) {
                long[] first = tree.model.ceilingKey(from);
                assertThat(Arrays.compareUnsigned(first, to)).isNegative();
                tree.model.remove(first);
            }
        }
    }

    private long[] randomKeys() {
        return random.longs(levels, 0, keySpace).map(key -> Long.MIN_VALUE + key - keySpace / 2).toArray();
    }

    private void verify(List<Tree> trees) {
        lab.checkAll(trees.stream().map(Tree::root).toList(), levels, btree.valueSize(), TreeLab.LeafValues.IGNORE);
        for (Tree tree : trees) {
            tree.model.forEach((keys, value) -> {
                if (!btree.lookup(tree.root.block(), keys, buffer) || buffer.get(Bytes.U32, 0) != value.intValue()) {
                    fail("%s has lost its value", Arrays.toString(keys));
                }
            });
            for (int i = 0; i < 300; i++) {
                long[] keys = randomKeys();
                assertThat(btree.lookup(tree.root.block(), keys, buffer)).isEqualTo(tree.model.containsKey(keys));
                verifyNext(tree, keys);
            }
        }
    }

    private void verifyNext(Tree tree, long[] keys) {
        long[] expected = tree.model.ceilingKey(keys);
        boolean sameTree = expected != null && Arrays.equals(expected, 0, levels - 1, keys, 0, levels - 1);
        long[] found = keys.clone();
        assertThat(btree.lookupNext(tree.root.block(), found, buffer)).isEqualTo(sameTree);
        assertThat(found).isEqualTo(sameTree ? expected : keys);
    }

    @Test
    void theWrongNumberOfKeysIsRefusedBeforeAnythingChanges() {
        try (TreeLab fresh = new TreeLab(100)) {
            BTree two = new BTree(fresh.transactions, 2, ValueType.plain(8));
            TreeRoot root = two.empty();
            assertThatThrownBy(() -> two.insertLong(root, 5, 5)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> two.lookupLong(root.block(), 5, 0)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> two.cursor(root.block())).isInstanceOf(IllegalStateException.class);
            fresh.checkAll(List.of(root), 2, 8, TreeLab.LeafValues.IGNORE);
        }
    }
}

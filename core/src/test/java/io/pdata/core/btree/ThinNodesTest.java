package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Trees of nodes far below a third full, as old kernels left them. Only with such trees does a removal have too little in
 * the centre of three nodes, or too much to fit in the left one.
 */
class ThinNodesTest {
    private TreeLab lab;
    private Random random;
    private long nextKey;
    private NavigableMap<Long, Long> model;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void stayCorrectWhileTheyAreChangedAndShared(long seed) {
        random = new Random(seed);
        try (TreeLab fresh = new TreeLab(3000)) {
            lab = fresh;
            lab.thinNodesAllowed = true;
            nextKey = Long.MIN_VALUE - 5000;
            model = new TreeMap<>(Long::compareUnsigned);
            BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));
            List<TreeRoot> roots = new ArrayList<>();
            List<NavigableMap<Long, Long>> models = new ArrayList<>();
            roots.add(new TreeRoot(plant(3)));
            models.add(model);
            check(btree, roots, models);
            for (int round = 0; round < 25; round++) {
                if (roots.size() < 5) {
                    int source = random.nextInt(roots.size());
                    lab.transactions.inc(roots.get(source).block());
                    roots.add(new TreeRoot(roots.get(source).block()));
                    models.add(new TreeMap<>(models.get(source)));
                }
                for (int i = 0; i < roots.size(); i++) {
                    change(btree, roots.get(i), models.get(i));
                }
                check(btree, roots, models);
                lab.commit();
                if (roots.size() > 1 && random.nextInt(3) == 0) {
                    btree.delete(roots.removeLast().block());
                    models.removeLast();
                }
            }
        }
    }

    /** Sometimes a handful of entries or children, sometimes nearly a full node of entries. */
    private long plant(int height) {
        int count = height > 1
                ? 1 + random.nextInt(5)
                : random.nextInt(3) > 0 ? 1 + random.nextInt(80) : 170 + random.nextInt(83);
        long[] keys = new long[count];
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            nextKey += 1 + random.nextInt(9);
            keys[i] = nextKey;
            if (height == 1) {
                values[i] = random.nextLong();
                model.put(keys[i], values[i]);
            } else {
                values[i] = plant(height - 1);
            }
        }
        return lab.plant(height == 1 ? NodeLayout.LEAF : NodeLayout.INTERNAL, keys, values);
    }

    private void change(BTree btree, TreeRoot root, NavigableMap<Long, Long> tree) {
        for (int i = 0; i < 60; i++) {
            Long key = tree.ceilingKey(randomKey());
            if (key != null) {
                assertThat(btree.remove(root, key)).isTrue();
                tree.remove(key);
            }
        }
        for (int i = 0; i < 10; i++) {
            long key = randomKey();
            btree.insertLong(root, key, i);
            tree.put(key, (long) i);
        }
        Long first = tree.ceilingKey(randomKey());
        if (first != null) {
            long removed = btree.removeLeaves(root, new long[]{first}, first + 300);
            assertThat(removed).isPositive();
            for (int i = 0; i < removed; i++) {
                tree.remove(tree.ceilingKey(first));
            }
        }
    }

    private long randomKey() {
        long span = nextKey - (Long.MIN_VALUE - 5000);
        return Long.MIN_VALUE - 5000 + random.nextLong(span + 1);
    }

    private void check(BTree btree, List<TreeRoot> roots, List<NavigableMap<Long, Long>> models) {
        lab.checkAll(roots, 1, 8, TreeLab.LeafValues.IGNORE);
        for (int i = 0; i < roots.size(); i++) {
            NavigableMap<Long, Long> found = new TreeMap<>(Long::compareUnsigned);
            btree.walk(roots.get(i).block(), (key, node, offset) -> {
                found.put(key, node.get(Bytes.U64, offset));
                return true;
            });
            assertThat(found).isEqualTo(models.get(i));
        }
    }
}

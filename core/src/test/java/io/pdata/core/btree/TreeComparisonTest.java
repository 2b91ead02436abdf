package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.CorruptionException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two trees, compared by going through both, against a comparison of maps. */
class TreeComparisonTest {
    private static final long ALL = -1;

    private final TreeLab lab = new TreeLab(6000);
    private final BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));

    /** A line for each visit; {@code left}, {@code right} or {@code both}. */
    private static final class Recorder implements TreeComparison.Visitor {
        final List<String> seen = new ArrayList<>();
        int enough = Integer.MAX_VALUE;

        private boolean add(String line) {
            seen.add(line);
            return seen.size() < enough;
        }

        @Override
        public boolean left(long key, long value) {
            return add(Long.toUnsignedString(key) + " left " + value);
        }

        @Override
        public boolean right(long key, long value) {
            return add(Long.toUnsignedString(key) + " right " + value);
        }

        @Override
        public boolean both(long key, long left, long right) {
            return add(Long.toUnsignedString(key) + " both " + left + " " + right);
        }
    }

    @AfterEach
    void close() {
        lab.close();
    }

    private static List<String> naive(NavigableMap<Long, Long> left, NavigableMap<Long, Long> right, long first,
            long last, boolean everything) {
        TreeSet<Long> keys = new TreeSet<>(Long::compareUnsigned);
        keys.addAll(left.keySet());
        keys.addAll(right.keySet());
        Recorder recorder = new Recorder();
        for (long key : keys.subSet(first, true, last, true)) {
            Long a = left.get(key);
            Long b = right.get(key);
            if (b == null) {
                recorder.left(key, a);
            } else if (a == null) {
                recorder.right(key, b);
            } else if (everything || !a.equals(b)) {
                recorder.both(key, a, b);
            }
        }
        return recorder.seen;
    }

    /** Without what is equal: nodes that differ may have such entries too. */
    private List<String> compared(long left, long right, long first, long last, boolean everything) {
        Recorder recorder = new Recorder();
        TreeComparison.run(btree, left, right, first, last, everything, recorder);
        if (!everything) {
            recorder.seen.removeIf(line -> line.matches(".* both (-?\\d+) \\1"));
        }
        return recorder.seen;
    }

    private TreeRoot tree(NavigableMap<Long, Long> content) {
        TreeBuilder builder = new TreeBuilder(lab.transactions, ValueType.plain(8));
        content.forEach(builder::addLong);
        return builder.finish();
    }

    private static NavigableMap<Long, Long> map() {
        return new TreeMap<>(Long::compareUnsigned);
    }

    private void change(TreeRoot root, NavigableMap<Long, Long> model, Random random, int times, int space) {
        for (int i = 0; i < times; i++) {
            long key = random.nextInt(space) - space / 2;
            if (random.nextInt(3) == 0) {
                btree.remove(root, key);
                model.remove(key);
            } else {
                btree.insertLong(root, key, i);
                model.put(key, (long) i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void clonesThatHaveDivergedAndTreesThatAreStrangers(long seed) {
        Random random = new Random(seed);
        int space = 40_000;
        NavigableMap<Long, Long> leftModel = map();
        TreeRoot left = btree.empty();
        change(left, leftModel, random, random.nextBoolean() ? 30_000 : 200, space);
        NavigableMap<Long, Long> rightModel = map();
        rightModel.putAll(leftModel);
        lab.transactions.inc(left.block());
        TreeRoot right = new TreeRoot(left.block());
        change(right, rightModel, random, random.nextInt(1, 300), space);
        if (random.nextBoolean()) {
            change(left, leftModel, random, random.nextInt(1, 20_000), space);
        }
        TreeRoot stranger = tree(leftModel);
        for (int i = 0; i < 12; i++) {
            long first = i == 0 ? 0 : random.nextInt(space) - space / 2;
            long last = i == 0 ? ALL : first + random.nextInt(space / 4);
            if (Long.compareUnsigned(first, last) > 0) {
                continue;
            }
            boolean everything = i % 3 == 1;
            List<String> expected = naive(leftModel, rightModel, first, last, everything);
            assertThat(compared(left.block(), right.block(), first, last, everything)).isEqualTo(expected);
            assertThat(compared(stranger.block(), right.block(), first, last, everything)).isEqualTo(expected);
            assertThat(compared(left.block(), stranger.block(), first, last, false)).isEmpty();
        }
    }

    /** What does not fill a leaf beside three levels of nodes. */
    @Test
    void treesOfDifferentHeights() {
        NavigableMap<Long, Long> tall = map();
        for (long i = 0; i < 70_000; i++) {
            tall.put(3 * i, i);
        }
        NavigableMap<Long, Long> flat = map();
        for (long i = 0; i < 100; i++) {
            flat.put(1000 * i, i);
        }
        long tallRoot = tree(tall).block();
        long flatRoot = tree(flat).block();
        assertThat(compared(tallRoot, flatRoot, 0, ALL, false)).isEqualTo(naive(tall, flat, 0, ALL, false));
        assertThat(compared(flatRoot, tallRoot, 0, ALL, false)).isEqualTo(naive(flat, tall, 0, ALL, false));
        assertThat(compared(btree.empty().block(), flatRoot, 0, ALL, false))
                .isEqualTo(naive(map(), flat, 0, ALL, false));
    }

    @Test
    void whatIsSharedIsNotRead() {
        NavigableMap<Long, Long> model = map();
        for (long i = 0; i < 200_000; i++) {
            model.put(i, i);
        }
        long root = tree(model).block();
        lab.transactions.inc(root);
        TreeRoot clone = new TreeRoot(root);
        btree.insertLong(clone, 199_000, -1); // below a node that need not be split
        Recorder recorder = new Recorder();
        long read = TreeComparison.run(btree, root, clone.block(), 0, ALL, false, recorder);
        assertThat(read).as("three nodes each, and three to know how high each is").isEqualTo(12);
        assertThat(recorder.seen).contains("199000 both 199000 -1").hasSizeLessThanOrEqualTo(252);
        assertThat(TreeComparison.run(btree, root, root, 0, ALL, false, recorder)).isZero();
    }

    @Test
    void theVisitorMayHaveHadEnough() {
        NavigableMap<Long, Long> model = map();
        for (long i = 0; i < 1000; i++) {
            model.put(i, i);
        }
        long one = tree(model).block();
        long two = tree(model).block();
        NavigableMap<Long, Long> between = map();
        model.forEach((key, value) -> between.put(key + 2000, value));
        long three = tree(between).block();
        long none = btree.empty().block();
        for (long[] pair : new long[][]{{one, two}, {one, none}, {none, two}, {one, three}, {one, one}}) {
            Recorder recorder = new Recorder();
            recorder.enough = 7;
            TreeComparison.run(btree, pair[0], pair[1], 0, ALL, true, recorder);
            assertThat(recorder.seen).hasSize(7);
        }
        nothingIsLocked();
    }

    /** Write-locking waits for readers, so this would hang on a lock that has been left behind. */
    private void nothingIsLocked() {
        for (long block = 1; lab.spaceMap.count(block) > 0; block++) {
            lab.blocks.writeLock(block, NodeValidator.NODE).close();
        }
    }

    private void corrupt(long left, long right, String... messages) {
        corrupt(false, left, right, messages);
    }

    private void corrupt(boolean everything, long left, long right, String... messages) {
        for (long[] pair : new long[][]{{left, right}, {right, left}}) {
            assertThatThrownBy(() -> TreeComparison.run(btree, pair[0], pair[1], 0, ALL, everything, new Recorder()))
                    .isInstanceOf(CorruptionException.class).hasMessageContainingAll(messages);
        }
        nothingIsLocked();
    }

    @Test
    void damageIsNamedAndLeavesNoLock() {
        long good = lab.plant(NodeLayout.LEAF, new long[]{1, 2}, new long[]{1, 2});
        long other = lab.plant(NodeLayout.LEAF, new long[]{1}, new long[]{1});
        long twice = lab.plant(NodeLayout.INTERNAL, new long[]{1, 1, 0}, new long[]{good, good, good});
        corrupt(twice, other, "keys out of order", "slot 1 of node " + twice, "tree root " + twice);
        long inner = lab.plant(NodeLayout.INTERNAL, new long[]{5}, new long[]{other});
        long uneven = lab.plant(NodeLayout.INTERNAL, new long[]{1, 5}, new long[]{good, inner});
        corrupt(uneven, other, "the leaves of its tree are not all at one depth", "slot 1 of node " + uneven);
        long wild = lab.plant(NodeLayout.INTERNAL, new long[]{1, 5}, new long[]{good, 6000});
        corrupt(wild, other, "block 6000", "slot 1 of node " + wild, "tree root " + wild);
    }

    @Test
    void aTreeMayBeAsDeepAsTheLimitSays() {
        long other = lab.plant(NodeLayout.LEAF, new long[]{6}, new long[]{66});
        long block = lab.plant(NodeLayout.LEAF, new long[]{5}, new long[]{55});
        for (int nodes = 1; nodes < BTreeReader.MAX_DEPTH; nodes++) {
            block = lab.plant(NodeLayout.INTERNAL, new long[]{5}, new long[]{block});
        }
        assertThat(compared(block, other, 0, ALL, false)).containsExactly("5 left 55", "6 right 66");
        long tooDeep = lab.plant(NodeLayout.INTERNAL, new long[]{5}, new long[]{block});
        corrupt(tooDeep, other, "deeper than any tree can be", "tree root " + tooDeep);
    }

    /** Each side knows how far it is, also after a leaf that was gone through once for both. */
    @Test
    void keysAfterALeafThatBothHaveAreStillToAscend() {
        long both = lab.plant(NodeLayout.LEAF, new long[]{1, 3}, new long[]{1, 3});
        long next = lab.plant(NodeLayout.LEAF, new long[]{5}, new long[]{5});
        long back = lab.plant(NodeLayout.LEAF, new long[]{2}, new long[]{2});
        long good = lab.plant(NodeLayout.INTERNAL, new long[]{1, 5}, new long[]{both, next});
        long bad = lab.plant(NodeLayout.INTERNAL, new long[]{1, 2}, new long[]{both, back});
        corrupt(true, good, bad, "keys out of order: 2 after 3", "slot 1", "tree root " + bad);
        long mixed = lab.plant(NodeLayout.LEAF, new long[]{7, 6}, new long[]{7, 6});
        long one = lab.plant(NodeLayout.INTERNAL, new long[]{1, 7}, new long[]{both, mixed});
        long two = lab.plant(NodeLayout.INTERNAL, new long[]{5, 7}, new long[]{next, mixed});
        corrupt(true, one, two, "keys out of order: 6 after 7");
    }

    /** 252 children each, all the same node: only counting what is met can end that. */
    @Test
    void aTreeThatIsWiderThanTheDevice() {
        long root = lab.plantFans(lab.plant(NodeLayout.LEAF, new long[0], new long[0]), 5);
        corrupt(root, btree.empty().block(), "");
    }

    @Test
    void onlyTreesOfOneLevelWithLongValuesAreCompared() {
        long root = btree.empty().block();
        BTreeReader nested = new BTreeReader(lab.transactions, 2, 8);
        BTreeReader wide = new BTreeReader(lab.transactions, 1, 24);
        assertThatThrownBy(() -> TreeComparison.run(nested, root, root, 0, ALL, true, new Recorder()))
                .hasMessageContaining("a tree of 2 levels");
        assertThatThrownBy(() -> TreeComparison.run(wide, root, root, 0, ALL, true, new Recorder()))
                .hasMessageContaining("the values of this tree have 24 bytes");
    }

    @Test
    void leavesThatBothHaveAreReadOnce() {
        NavigableMap<Long, Long> content = map();
        for (long key = 0; key < 10_000; key++) {
            content.put(key, key);
        }
        TreeRoot root = tree(content);
        lab.transactions.inc(root.block());
        TreeRoot changed = new TreeRoot(root.block());
        btree.insertLong(changed, 0, -1);
        Recorder recorder = new Recorder();
        long read = TreeComparison.run(btree, root.block(), changed.block(), 0, -1, true, recorder);
        assertThat(recorder.seen).hasSize(content.size()).startsWith("0 both 0 -1", "1 both 1 1");
        assertThat(read).as("nodes read: leaves, and few others twice").isLessThan(content.size() / 252 * 3 / 2);
    }
}

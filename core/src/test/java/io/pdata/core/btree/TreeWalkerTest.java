package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.TreeDamage.Kind;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every node once, every parent's bounds held, and damage that is told but does not end the walk. */
class TreeWalkerTest {
    private static final int LEAF = NodeLayout.LEAF;
    private static final int INTERNAL = NodeLayout.INTERNAL;

    /** Counts visits, and references as a check does; collects damage. */
    private static final class Recorder implements TreeWalker.Visitor {
        final AtomicIntegerArray visits;
        final AtomicIntegerArray references;
        final ConcurrentLinkedQueue<TreeDamage> damage = new ConcurrentLinkedQueue<>();

        Recorder(int blocks) {
            visits = new AtomicIntegerArray(blocks);
            references = new AtomicIntegerArray(blocks);
        }

        @Override
        public void internal(WalkedNode node) {
            visits.incrementAndGet((int) node.block());
            for (int i = 0; i < node.entries(); i++) {
                if (node.longValue(i) >= 0 && node.longValue(i) < references.length()) {
                    references.incrementAndGet((int) node.longValue(i));
                }
            }
        }

        @Override
        public void leaf(WalkedNode node) {
            visits.incrementAndGet((int) node.block());
        }

        @Override
        public void damage(TreeDamage found) {
            damage.add(found);
        }
    }

    private static long[] keys(long from, int count) {
        long[] keys = new long[count];
        for (int i = 0; i < count; i++) {
            keys[i] = from + i;
        }
        return keys;
    }

    /** A leaf, full enough not to be remarked on. */
    private static long leaf(TreeLab lab, long firstKey) {
        return lab.plant(LEAF, keys(firstKey, 84), new long[84]);
    }

    private static Recorder walk(TreeLab lab, long... roots) {
        return walk(lab, new TreeWalker(lab.transactions, 8, 3), roots);
    }

    private static Recorder walk(TreeLab lab, TreeWalker walker, long... roots) {
        Recorder recorder = new Recorder((int) lab.blocks.blocks());
        for (long root : roots) {
            walker.addRoot(root);
        }
        walker.walk(recorder);
        return recorder;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void aNodeOfManyClonesIsVisitedOnceAndAllReferencesAreSeen(int threads) {
        try (TreeLab lab = new TreeLab(3000)) {
            BTree tree = new BTree(lab.transactions, 1, ValueType.plain(8));
            List<TreeRoot> clones = clones(lab, tree);
            TreeWalker walker = new TreeWalker(lab.transactions, 8, threads);
            Recorder seen = walk(lab, walker, clones.stream().mapToLong(TreeRoot::block).toArray());
            clones.forEach(clone -> seen.references.incrementAndGet((int) clone.block()));
            assertThat(seen.damage).isEmpty();
            for (int block = 1; block < seen.visits.length(); block++) {
                int count = lab.spaceMap.counts[block];
                assertThat(seen.visits.get(block)).as("visits of block %d", block).isEqualTo(Math.min(1, count));
                assertThat(seen.references.get(block)).as("references of block %d", block).isEqualTo(count);
            }
            for (int i = 0; i < clones.size(); i++) {
                TreeWalker.Summary summary = walker.summary(clones.get(i).block());
                assertThat(summary.entries()).isEqualTo(70_000 + i);
                assertThat(summary.low()).isZero();
                assertThat(summary.high()).isEqualTo(tree.highestKey(clones.get(i).block()).orElseThrow());
                assertThat(summary.height()).isEqualTo(3);
            }
        }
    }

    /** Clone {@code i} is that before it with one entry more. */
    private static List<TreeRoot> clones(TreeLab lab, BTree tree) {
        TreeRoot root = tree.empty();
        for (int i = 0; i < 70_000; i++) {
            tree.insertLong(root, 2L * i, i);
        }
        lab.commit();
        List<TreeRoot> clones = new ArrayList<>(List.of(root));
        for (int i = 1; i < 40; i++) {
            TreeRoot clone = new TreeRoot(clones.getLast().block());
            lab.transactions.inc(clone.block());
            tree.insertLong(clone, (long) i * 1500 + 1, i);
            clones.add(clone);
            lab.commit();
        }
        return clones;
    }

    @Test
    void aSharedSubtreeIsHeldAgainstEachParentsBounds() {
        // Right below the first parent, but not below the second, which a walk that skips what it has seen overlooks.
        try (TreeLab lab = new TreeLab(100)) {
            long shared = leaf(lab, 1000);
            long good = lab.plant(INTERNAL, new long[]{0, 1000}, new long[]{leaf(lab, 0), shared});
            long bad = lab.plant(INTERNAL, new long[]{0, 1010}, new long[]{leaf(lab, 0), shared});
            TreeWalker walker = new TreeWalker(lab.transactions, 8, 2);
            Recorder seen = walk(lab, walker, good, bad);
            assertThat(seen.damage).singleElement().satisfies(damage -> {
                assertThat(damage.kind()).isEqualTo(Kind.KEYS_OUT_OF_BOUNDS);
                assertThat(damage.path()).containsExactly(bad, shared);
                assertThat(damage.keys()).isEqualTo("[1010..)");
            });
            assertThat(seen.visits.get((int) shared)).isEqualTo(1);
            assertThat(walker.summary(good).errors()).isZero();
            assertThat(walker.summary(bad).errors()).isEqualTo(1);
        }
    }

    @Test
    void keysAreUnsigned() {
        try (TreeLab lab = new TreeLab(100)) {
            long top = lab.plant(INTERNAL, new long[]{0, Long.MAX_VALUE - 40},
                    new long[]{leaf(lab, 0), leaf(lab, Long.MAX_VALUE - 40)});
            TreeWalker walker = new TreeWalker(lab.transactions, 8, 1);
            assertThat(walk(lab, walker, top).damage).isEmpty();
            assertThat(walker.summary(top).high()).isEqualTo(Long.MIN_VALUE + 42);
        }
    }

    @Test
    void damageIsLocatedAndTheRestIsVisited() {
        try (TreeLab lab = new TreeLab(100)) {
            long first = leaf(lab, 0);
            long broken = leaf(lab, 200);
            long last = leaf(lab, 400);
            long middle = lab.plant(INTERNAL, new long[]{0, 200, 400}, new long[]{first, broken, last});
            long top = lab.plant(INTERNAL, new long[]{0}, new long[]{middle});
            lab.commit();
            breakChecksum(lab, broken);
            try (TreeLab again = new TreeLab(lab.device.reopen(), lab.spaceMap, 1 << 20)) {
                TreeWalker walker = new TreeWalker(again.transactions, 8, 2);
                Recorder seen = walk(again, walker, top);
                TreeDamage damage = seen.damage.stream().filter(found -> found.kind() == Kind.UNREADABLE).findFirst()
                        .orElseThrow();
                assertThat(damage.path()).containsExactly(top, middle, broken);
                assertThat(damage.keys()).isEqualTo("[200..400)");
                assertThat(damage.problem()).contains("bad checksum");
                assertThat(seen.visits.get((int) first) + seen.visits.get((int) last)).isEqualTo(2);
                assertThat(walker.summary(top).entries()).isEqualTo(168);
                assertThat(walker.summary(top).errors()).isEqualTo(1);
            }
        }
    }

    private static void breakChecksum(TreeLab lab, long block) {
        MemorySegment four = MemorySegment.ofArray(new byte[4]);
        lab.device.write(block * Bytes.BLOCK_SIZE, four);
    }

    @Test
    void keysOutOfOrderAreDamage() {
        try (TreeLab lab = new TreeLab(100)) {
            long[] keys = keys(0, 90);
            keys[50] = keys[49];
            long root = lab.plant(LEAF, keys, new long[90]);
            assertThat(walk(lab, root).damage).singleElement().satisfies(damage -> {
                assertThat(damage.kind()).isEqualTo(Kind.KEYS_OUT_OF_ORDER);
                assertThat(damage.problem()).isEqualTo("key 50 is 49 after 49");
            });
        }
    }

    @Test
    void valuesOfAnotherSizeAreDamage() {
        try (TreeLab lab = new TreeLab(100)) {
            TreeRoot other = new BTree(lab.transactions, 1, ValueType.plain(24)).empty();
            assertThat(walk(lab, other.block()).damage).singleElement().extracting(TreeDamage::kind)
                    .isEqualTo(Kind.WRONG_VALUE_SIZE);
        }
    }

    @Test
    void aLeafWithRoomForNothingIsDamage() {
        try (TreeLab lab = new TreeLab(100)) {
            long leaf = lab.plant(LEAF, new long[0], new long[0]);
            try (Block block = lab.blocks.writeLock(leaf, NodeValidator.NODE)) {
                Node.format(block.data(), LEAF, 0, 8);
            }
            assertThat(walk(lab, leaf).damage).singleElement().satisfies(damage -> {
                assertThat(damage.kind()).isEqualTo(Kind.NO_ROOM);
                assertThat(damage.problem()).isEqualTo("max_entries is 0, below 3");
            });
        }
    }

    @Test
    void leavesAtDifferentDepthsAreDamage() {
        try (TreeLab lab = new TreeLab(100)) {
            long low = lab.plant(INTERNAL, new long[]{200}, new long[]{leaf(lab, 200)});
            long top = lab.plant(INTERNAL, new long[]{0, 200}, new long[]{leaf(lab, 0), low});
            assertThat(walk(lab, top).damage).extracting(TreeDamage::kind).contains(Kind.UNEQUAL_DEPTH);
        }
    }

    @Test
    void thinNodesAreToldAndVisited() {
        try (TreeLab lab = new TreeLab(100)) {
            long thin = lab.plant(LEAF, keys(0, 5), new long[5]);
            long top = lab.plant(INTERNAL, new long[]{0}, new long[]{thin});
            TreeWalker walker = new TreeWalker(lab.transactions, 8, 2);
            Recorder seen = walk(lab, walker, top);
            // The root may be as thin as it likes.
            assertThat(seen.damage).singleElement().satisfies(damage -> {
                assertThat(damage.kind()).isEqualTo(Kind.UNDERFULL);
                assertThat(damage.block()).isEqualTo(thin);
            });
            assertThat(seen.visits.get((int) thin)).isEqualTo(1);
            assertThat(walker.summary(top).errors()).isZero();
        }
    }

    @Test
    void cyclesEnd() {
        try (TreeLab lab = new TreeLab(100)) {
            long top = lab.plant(INTERNAL, new long[]{0, 100}, new long[]{leaf(lab, 0), leaf(lab, 100)});
            long below = lab.plant(INTERNAL, new long[]{100}, new long[]{top});
            try (Block block = lab.blocks.writeLock(top, NodeValidator.NODE)) {
                block.data().set(Bytes.U64, Node.valueOffset(block.data(), 1, 8), below);
            }
            Recorder seen = walk(lab, top);
            assertThat(seen.damage).extracting(TreeDamage::kind).contains(Kind.TOO_DEEP);
            assertThat(seen.visits.get((int) top)).isEqualTo(1);
        }
    }

    @Test
    void treesDeeperThanAnyCanBeEnd() {
        try (TreeLab lab = new TreeLab(100)) {
            long root = leaf(lab, 0);
            for (int i = 0; i < TreeWalker.MAX_DEPTH; i++) {
                root = lab.plant(INTERNAL, new long[]{0}, new long[]{root});
            }
            assertThat(walk(lab, root).damage).extracting(TreeDamage::kind).contains(Kind.TOO_DEEP);
        }
    }

    @Test
    void pointersToNowhereAreDamage() {
        for (long wild : new long[]{100, -1, Long.MAX_VALUE}) {
            try (TreeLab lab = new TreeLab(100)) {
                long top = lab.plant(INTERNAL, new long[]{0, 100}, new long[]{leaf(lab, 0), wild});
                assertThat(walk(lab, top).damage).singleElement().satisfies(damage -> {
                    assertThat(damage.kind()).isEqualTo(Kind.BAD_POINTER);
                    assertThat(damage.path()).containsExactly(top, wild);
                });
                assertThat(new TreeWalker(lab.transactions, 8, 1).addRoot(wild)).isFalse();
            }
        }
    }

    @Test
    void aSecondWalkVisitsWhatIsNew() {
        try (TreeLab lab = new TreeLab(100)) {
            long shared = leaf(lab, 0);
            long one = lab.plant(INTERNAL, new long[]{0}, new long[]{shared});
            long two = lab.plant(INTERNAL, new long[]{0}, new long[]{shared});
            TreeWalker walker = new TreeWalker(lab.transactions, 8, 2);
            walk(lab, walker, one);
            Recorder seen = walk(lab, walker, two);
            assertThat(seen.visits.get((int) two)).isEqualTo(1);
            assertThat(seen.visits.get((int) shared) + seen.visits.get((int) one)).isZero();
            assertThat(walker.summary(two).entries()).isEqualTo(84);
        }
    }

    /** One is visited by the caller's thread, a hundred are by two others. */
    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    void whatAVisitorThrowsEndsTheWalk(int leaves) {
        try (TreeLab lab = new TreeLab(200)) {
            TreeWalker walker = new TreeWalker(lab.transactions, 8, 2);
            for (int i = 0; i < leaves; i++) {
                walker.addRoot(leaf(lab, i));
            }
            Set<Thread> visitors = ConcurrentHashMap.newKeySet();
            assertThatThrownBy(() -> walker.walk(new TreeWalker.Visitor() {
                @Override
                public void leaf(WalkedNode node) {
                    visitors.add(Thread.currentThread());
                    throw new IllegalStateException("enough");
                }

                @Override
                public void damage(TreeDamage damage) {}
            })).isInstanceOf(IllegalStateException.class).hasMessage("enough");
            assertThat(visitors.contains(Thread.currentThread())).isEqualTo(leaves == 1);
        }
    }
}

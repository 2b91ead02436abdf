package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;

import io.pdata.core.block.Block;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.btree.TreeDamage.Kind;
import io.pdata.core.device.DeviceException;
import io.pdata.core.transaction.BlockReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a walk says of nodes at the edge of what is allowed, of those that cannot be read, and how errors add up. */
class TreeWalkerEdgesTest {
    private static final int LEAF = NodeLayout.LEAF;
    private static final int INTERNAL = NodeLayout.INTERNAL;

    private final TreeLab lab = new TreeLab(1000);
    private final TreeWalker walker = new TreeWalker(lab.transactions, 8, 1);
    private final List<TreeDamage> damage = Collections.synchronizedList(new ArrayList<>());
    private final List<Long> visited = Collections.synchronizedList(new ArrayList<>());

    private final TreeWalker.Visitor visitor = new TreeWalker.Visitor() {
        @Override
        public void internal(WalkedNode node) {
            visited.add(node.block());
        }

        @Override
        public void leaf(WalkedNode node) {
            visited.add(node.block());
        }

        @Override
        public void damage(TreeDamage found) {
            damage.add(found);
        }
    };

    @AfterEach
    void close() {
        lab.close();
    }

    private long leaf(long firstKey) {
        return lab.plant(LEAF, LongStream.range(firstKey, firstKey + 84).toArray(), new long[84]);
    }

    private TreeDamage only() {
        assertThat(damage).hasSize(1);
        return damage.getFirst();
    }

    private void walk(long root) {
        assertThat(walker.addRoot(root)).isTrue();
        walker.walk(visitor);
    }

    @Test
    void aLeafOfOneEntryHasItsKeyForBounds() {
        long root = lab.plant(LEAF, new long[]{7}, new long[1]);
        walk(root);
        TreeWalker.Summary summary = walker.summary(root);
        assertThat(summary.low()).isEqualTo(7);
        assertThat(summary.high()).isEqualTo(7);
        assertThat(damage).isEmpty();
    }

    @Test
    void aBlockThatDoesNotExistIsInError() {
        assertThat(walker.summary(-1).errors()).isEqualTo(1);
        assertThat(walker.summary(1000).errors()).isEqualTo(1);
        assertThat(walker.addRoot(1000)).isFalse();
    }

    /** The block exists, but it is no node. */
    @Test
    void aPointerToTheSuperblock() {
        lab.commit();
        walk(lab.plant(INTERNAL, new long[]{0, 100}, new long[]{leaf(0), 0}));
        assertThat(only().kind()).isEqualTo(Kind.UNREADABLE);
        assertThat(only().block()).isZero();
    }

    @Test
    void anInternalNodeWithoutChildren() {
        long root = lab.plant(INTERNAL, new long[0], new long[0]);
        walk(root);
        assertThat(only().kind()).isEqualTo(Kind.NO_CHILDREN);
        assertThat(visited).as("what is damaged is not shown").isEmpty();
        assertThat(walker.summary(root).errors()).isEqualTo(1);
    }

    @Test
    void damagedLeavesAreNotShown() {
        long[] keys = LongStream.range(0, 90).toArray();
        keys[5] = keys[4];
        walk(lab.plant(LEAF, keys, new long[90]));
        assertThat(visited).isEmpty();
    }

    private void changeRoom(long node, int entries) {
        try (Block block = lab.blocks.writeLock(node, NodeValidator.NODE)) {
            int flags = Node.isLeaf(block.data()) ? LEAF : INTERNAL;
            Node.format(block.data(), flags, entries, 8);
        }
    }

    @Test
    void roomForThreeIsEnough() {
        long root = leaf(0);
        changeRoom(root, 3);
        walk(root);
        assertThat(damage).isEmpty();
    }

    @Test
    void roomThatIsNoMultipleOfThreeIsOddButNoLoss() {
        long root = leaf(0);
        changeRoom(root, 250);
        walk(root);
        assertThat(only().kind()).isEqualTo(Kind.ODD_CAPACITY);
        assertThat(visited).containsExactly(root);
    }

    @Test
    void onlyLeavesHaveValuesOfTheTreesSize() {
        try (TreeLab large = new TreeLab(3000)) {
            BTree tree = new BTree(large.transactions, 1, ValueType.plain(24));
            TreeRoot root = tree.empty();
            MemorySegment value = MemorySegment.ofArray(new byte[24]);
            for (int i = 0; i < 1000; i++) {
                value.set(ValueLayout.JAVA_BYTE, 0, (byte) i);
                tree.insert(root, i, value);
            }
            TreeWalker wide = new TreeWalker(large.transactions, 24, 1);
            wide.addRoot(root.block());
            byte[] first = new byte[1000];
            wide.walk(new TreeWalker.Visitor() {
                @Override
                public void leaf(WalkedNode node) {
                    for (int i = 0; i < node.entries(); i++) {
                        first[(int) node.key(i)] = node.data().get(ValueLayout.JAVA_BYTE,
                                node.valueOffset(i));
                    }
                }

                @Override
                public void damage(TreeDamage found) {
                    damage.add(found);
                }
            });
            assertThat(damage).isEmpty();
            for (int i = 0; i < 1000; i++) {
                assertThat(first[i]).as("value of key %d", i).isEqualTo((byte) i);
            }
        }
    }

    /** What an entry that was removed has left behind the last one is no key. */
    @Test
    void leftoversBehindTheLastEntryAreNoBound() {
        long[] keys = LongStream.range(0, 90).toArray();
        keys[5] = keys[4];
        long bad = lab.plant(LEAF, Arrays.stream(keys).map(key -> key + 200).toArray(), new long[90]);
        long root = lab.plant(INTERNAL, new long[]{0, 200, 210}, new long[]{leaf(0), bad, leaf(210)});
        try (Block block = lab.blocks.writeLock(root, NodeValidator.NODE)) {
            Node.setEntries(block.data(), 2);
        }
        walk(root);
        assertThat(only().kind()).isEqualTo(Kind.KEYS_OUT_OF_ORDER);
        assertThat(only().keys()).isEqualTo("[200..)");
    }

    @Test
    void leftoversBehindTheLastChildBoundNoKeys() {
        long root = lab.plant(INTERNAL, new long[]{0, 200, 210}, new long[]{leaf(0), leaf(200), leaf(210)});
        try (Block block = lab.blocks.writeLock(root, NodeValidator.NODE)) {
            Node.setEntries(block.data(), 2);
        }
        walk(root);
        assertThat(damage).isEmpty();
    }

    @Test
    void aChildThatReachesIntoTheNext() {
        long root = lab.plant(INTERNAL, new long[]{0, 83}, new long[]{leaf(0), leaf(83)});
        walk(root);
        assertThat(only().kind()).isEqualTo(Kind.KEYS_OUT_OF_BOUNDS);
        assertThat(only().problem()).isEqualTo("highest key 83 reaches the next node's 83");
        assertThat(walker.summary(root).errors()).isEqualTo(1);
    }

    @Test
    void errorsAddUpOnTheWayToTheRoot() {
        long first = lab.plant(INTERNAL, new long[]{0, 100}, new long[]{leaf(0), 5000});
        long second = lab.plant(INTERNAL, new long[]{200, 300}, new long[]{6000, leaf(300)});
        long thin = lab.plant(INTERNAL, new long[]{400}, new long[]{second});
        long top = lab.plant(INTERNAL, new long[]{0, 200}, new long[]{first, second});
        long higher = lab.plant(INTERNAL, new long[]{0, 400}, new long[]{top, thin});
        walk(higher);
        assertThat(damage).filteredOn(found -> found.kind() == Kind.BAD_POINTER).hasSize(2);
        assertThat(walker.summary(first).errors()).isEqualTo(1);
        assertThat(walker.summary(second).errors()).isEqualTo(1);
        assertThat(walker.summary(top).errors()).isEqualTo(2);
        assertThat(walker.summary(higher).errors()).as("one of them twice, and keys below a bound").isEqualTo(4);
    }

    @Test
    void unequalDepthsAreTold() {
        long deep = lab.plant(INTERNAL, new long[]{200}, new long[]{leaf(200)});
        long top = lab.plant(INTERNAL, new long[]{0, 200}, new long[]{leaf(0), deep});
        walk(top);
        TreeDamage unequal = damage.stream().filter(found -> found.kind() == Kind.UNEQUAL_DEPTH).findFirst()
                .orElseThrow();
        assertThat(unequal.problem())
                .isEqualTo("its leaves are 1 levels below it, those of the nodes before it 0");
        assertThat(walker.summary(top).errors()).isEqualTo(1);
    }

    @Test
    void whatIsTooDeepIsToldOnce() {
        long deepest = leaf(0);
        long root = deepest;
        for (int i = 0; i < TreeWalker.MAX_DEPTH; i++) {
            root = lab.plant(INTERNAL, new long[]{0}, new long[]{root});
        }
        walk(root);
        Set<Long> tooDeep = damage.stream().filter(found -> found.kind() == Kind.TOO_DEEP).map(TreeDamage::block)
                .collect(Collectors.toSet());
        assertThat(tooDeep).contains(deepest);
        damage.clear();
        visited.clear();
        walker.walk(visitor);
        assertThat(damage).as("of a second walk").isEmpty();
        assertThat(visited).isEmpty();
    }

    /** Reads from a lab, and fails at one block once it has been read some times. */
    private final class Failing implements BlockReader {
        private final long failing;
        private int readsLeft;

        Failing(long failing, int readsLeft) {
            this.failing = failing;
            this.readsLeft = readsLeft;
        }

        @Override
        public Block readLock(long number, BlockValidator validator) {
            if (number == failing && readsLeft-- <= 0) {
                throw new DeviceException("block " + number + ": the disk is gone", null);
            }
            return lab.transactions.readLock(number, validator);
        }

        @Override
        public Block cached(long number) {
            return null;
        }

        @Override
        public void prefetch(long number) {}

        @Override
        public long blocks() {
            return lab.transactions.blocks();
        }
    }

    @Test
    void aBlockThatTheDeviceDoesNotGiveIsDamage() {
        long gone = leaf(100);
        long root = lab.plant(INTERNAL, new long[]{0, 100}, new long[]{leaf(0), gone});
        TreeWalker failing = new TreeWalker(new Failing(gone, 0), 8, 1);
        failing.addRoot(root);
        failing.walk(visitor);
        assertThat(only().kind()).isEqualTo(Kind.UNREADABLE);
        assertThat(only().problem()).contains("the disk is gone");
        assertThat(failing.summary(root).errors()).isEqualTo(1);
        assertThat(failing.summary(root).entries()).isEqualTo(84);
    }

    @Test
    void aNodeThatCannotBeReadTheSecondTimeIsDamage() {
        long root = lab.plant(INTERNAL, new long[]{0, 100}, new long[]{leaf(0), leaf(100)});
        TreeWalker failing = new TreeWalker(new Failing(root, 1), 8, 1);
        failing.addRoot(root);
        failing.walk(visitor);
        assertThat(only().kind()).isEqualTo(Kind.UNREADABLE);
        assertThat(only().problem()).startsWith("could not be read a second time");
        assertThat(failing.summary(root).errors()).isEqualTo(1);
    }

    /** The damage is told with the keys that are known from as far as the way could be read again. */
    @Test
    void keysAreToldAsFarAsTheyAreKnown() {
        long bad = lab.plant(INTERNAL, new long[0], new long[0]);
        long middle = lab.plant(INTERNAL, new long[]{100, 110}, new long[]{leaf(100), bad});
        long root = lab.plant(INTERNAL, new long[]{0, 100, 200}, new long[]{leaf(0), middle, leaf(200)});
        TreeWalker failing = new TreeWalker(new Failing(middle, 1), 8, 1);
        failing.addRoot(root);
        failing.walk(visitor);
        TreeDamage empty = damage.stream().filter(found -> found.kind() == Kind.NO_CHILDREN).findFirst().orElseThrow();
        assertThat(empty.keys()).isEqualTo("[100..200)");
        assertThat(empty.path()).containsExactly(root, middle, bad);
    }

    @Test
    void anInterruptIsKeptForLater() {
        TreeWalker shared = new TreeWalker(lab.transactions, 8, 2);
        for (int i = 0; i < 100; i++) {
            shared.addRoot(leaf(100L * i));
        }
        Thread.currentThread().interrupt();
        shared.walk(visitor);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(visited).hasSize(100);
    }

    @Test
    void theThreadsOfAWalkEndWithIt() throws InterruptedException {
        TreeWalker shared = new TreeWalker(lab.transactions, 8, 2);
        Set<Thread> walking = Collections.synchronizedSet(new HashSet<>());
        for (int i = 0; i < 200; i++) {
            shared.addRoot(leaf(100L * i));
        }
        shared.walk(new TreeWalker.Visitor() {
            @Override
            public void leaf(WalkedNode node) {
                walking.add(Thread.currentThread());
            }

            @Override
            public void damage(TreeDamage found) {}
        });
        assertThat(walking).doesNotContain(Thread.currentThread()).isNotEmpty();
        for (Thread thread : walking) {
            thread.join(60_000);
            assertThat(thread.isAlive()).isFalse();
        }
    }
}

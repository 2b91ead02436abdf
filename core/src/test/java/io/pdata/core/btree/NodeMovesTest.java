package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What goes where, in which blocks, and which bytes stay behind: all of it is visible on disk. */
class NodeMovesTest {
    private static final int FULL = 252;

    private final TreeLab lab = new TreeLab(500);
    private final BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));

    @AfterEach
    void close() {
        lab.close();
    }

    private long leaf(int count, IntToLongFunction key) {
        long[] keys = IntStream.range(0, count).mapToLong(key).toArray();
        return lab.plant(NodeLayout.LEAF, keys, keys);
    }

    private TreeRoot above(long[] keys, long... children) {
        return new TreeRoot(lab.plant(NodeLayout.INTERNAL, keys, children));
    }

    private int entries(long block) {
        try (Block node = lab.transactions.readLock(block, NodeValidator.NODE)) {
            return Node.entries(node.data());
        }
    }

    private long key(long block, int slot) {
        try (Block node = lab.transactions.readLock(block, NodeValidator.NODE)) {
            return Node.key(node.data(), slot);
        }
    }

    private List<Long> children(TreeRoot root) {
        try (Block node = lab.transactions.readLock(root.block(), NodeValidator.NODE)) {
            MemorySegment data = node.data();
            return IntStream.range(0, Node.entries(data)).mapToObj(i -> Node.longValue(data, i)).toList();
        }
    }

    @Test
    void aFullRootSplitsBeneathItselfAndKeepsItsLeftovers() {
        TreeRoot root = new TreeRoot(leaf(FULL, i -> 10L * i));
        btree.insertLong(root, 5000, 1);
        assertThat(root.block()).isEqualTo(1);
        assertThat(children(root)).containsExactly(2L, 3L);
        assertThat(entries(2)).isEqualTo(126);
        assertThat(entries(3)).isEqualTo(127);
        assertThat(key(1, 0)).isZero();
        assertThat(key(1, 1)).isEqualTo(1260);
        assertThat(key(1, 2)).as("a key of the leaf that the root was").isEqualTo(20);
    }

    @Test
    void anOverwriteInAFullRootDoesNotSplit() {
        TreeRoot root = new TreeRoot(leaf(FULL, i -> 10L * i));
        assertThat(btree.insertLong(root, 2510, 7)).isFalse();
        assertThat(btree.lookupLong(root.block(), 2510, 0)).isEqualTo(7);
        assertThat(lab.spaceMap.free()).isEqualTo(498);
    }

    @Test
    void aLeftSiblingWithEightFreeSlotsTakesHalfOfTheSurplus() {
        long left = leaf(FULL - 8, i -> i);
        long right = leaf(FULL, i -> 1000L + 2 * i);
        TreeRoot root = above(new long[]{0, 1000}, left, right);
        btree.insertLong(root, 1501, 1);
        assertThat(children(root)).containsExactly(left, right);
        assertThat(entries(left)).isEqualTo(248);
        assertThat(entries(right)).isEqualTo(249);
        assertThat(key(root.block(), 1)).isEqualTo(1008).isEqualTo(key(right, 0));
        assertThat(key(right, 251)).as("vacated slots keep their bytes").isEqualTo(1502);
    }

    @Test
    void withSevenFreeSlotsTheNodeIsSplitInstead() {
        long left = leaf(FULL - 7, i -> i);
        long right = leaf(FULL, i -> 1000L + 2 * i);
        TreeRoot root = above(new long[]{0, 1000}, left, right);
        btree.insertLong(root, 1501, 1);
        assertThat(children(root)).containsExactly(left, right, 4L);
        assertThat(entries(left)).isEqualTo(FULL - 7);
        assertThat(entries(right)).isEqualTo(126);
        assertThat(entries(4)).isEqualTo(127);
    }

    @Test
    void aRightSiblingHelpsWhenTheLeftOneCannot() {
        long left = leaf(FULL, i -> i);
        long centre = leaf(FULL, i -> 1000L + 2 * i);
        long right = leaf(100, i -> 5000L + i);
        TreeRoot root = above(new long[]{0, 1000, 5000}, left, centre, right);
        btree.insertLong(root, 1501, 1);
        assertThat(children(root)).containsExactly(left, centre, right);
        assertThat(entries(centre)).isEqualTo(176);
        assertThat(entries(right)).isEqualTo(177);
        assertThat(key(root.block(), 2)).isEqualTo(1352);
    }

    @Test
    void betweenFullSiblingsTwoNodesBecomeThree() {
        long left = leaf(FULL - 4, i -> i);
        long centre = leaf(FULL, i -> 1000L + 2 * i);
        long right = leaf(FULL, i -> 5000L + i);
        TreeRoot root = above(new long[]{0, 1000, 5000}, left, centre, right);
        btree.insertLong(root, 1501, 1);
        assertThat(children(root)).containsExactly(left, 5L, centre, right);
        assertThat(List.of(entries(left), entries(5), entries(centre))).containsExactly(166, 167, 168);
        assertThat(key(root.block(), 1)).isEqualTo(166);
        assertThat(key(root.block(), 2)).isEqualTo(1000 + 2 * (252 - 167));
        lab.checkAll(List.of(root), 1, 8, TreeLab.LeafValues.IGNORE);
    }

    /** The left sibling is not to be copied only to give room. */
    @Test
    void besideASharedLeftSiblingAndAFullRightOneTheNodeIsSplit() {
        long left = leaf(FULL, i -> i);
        long centre = leaf(FULL, i -> 1000L + 2 * i);
        long right = leaf(FULL, i -> 5000L + i);
        TreeRoot root = above(new long[]{0, 1000, 5000}, left, centre, right);
        lab.transactions.inc(left);
        btree.insertLong(root, 1501, 1);
        assertThat(children(root)).containsExactly(left, centre, 5L, right);
        assertThat(List.of(entries(left), entries(centre), entries(5))).containsExactly(FULL, 126, 127);
    }

    /** Three to a node, none in the left one: it gets some of the right one's. */
    @Test
    void anEmptyLeftSiblingIsFilledWhereTwoNodesBecomeThree() {
        BTree large = new BTree(lab.transactions, 1, ValueType.plain(1346));
        MemorySegment value = MemorySegment.ofArray(new byte[1346]);
        TreeRoot root = above(new long[]{0, 1000, 5000}, largeLeaf(), largeLeaf(1000, 1002, 1004),
                largeLeaf(5000, 5001, 5002));
        large.insert(root, 1003, value);
        assertThat(children(root)).hasSize(4);
        List<Long> keys = new ArrayList<>();
        large.walk(root.block(), (key, _, _) -> keys.add(key));
        assertThat(keys).containsExactly(1000L, 1002L, 1003L, 1004L, 5000L, 5001L, 5002L);
        assertThat(entries(children(root).getFirst())).isEqualTo(1);
    }

    private long largeLeaf(long... keys) {
        try (Block block = lab.transactions.newBlock(NodeValidator.NODE)) {
            Node.format(block.data(), NodeLayout.LEAF, NodeLayout.capacity(1346), 1346);
            MemorySegment value = MemorySegment.ofArray(new byte[1346]);
            for (int i = 0; i < keys.length; i++) {
                Node.insert(block, i, keys[i], value);
            }
            return block.number();
        }
    }

    @Test
    void aFullNodeTakesNoMore() {
        try (Block full = lab.blocks.writeLock(leaf(FULL, i -> i), NodeValidator.NODE)) {
            assertThatThrownBy(() -> Node.insertPointer(full, FULL, 1000, 1)).isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("no room for entry 252 beside 252 of 252");
        }
    }

    @Test
    void aSharedSiblingIsLeftAlone() {
        long left = leaf(10, i -> i);
        long right = leaf(FULL, i -> 1000L + 2 * i);
        TreeRoot root = above(new long[]{0, 1000}, left, right);
        lab.transactions.inc(left);
        btree.insertLong(root, 1501, 1);
        assertThat(children(root)).containsExactly(left, right, 4L);
        assertThat(entries(left)).isEqualTo(10);
    }

    @Test
    void aKeyBelowAllBoundsLowersThem() {
        TreeRoot root = above(new long[]{50, 100}, leaf(20, i -> 50L + i), leaf(20, i -> 100L + i));
        btree.insertLong(root, 3, 1);
        assertThat(key(root.block(), 0)).isEqualTo(3);
    }

    @Test
    void removingTheFirstKeyLeavesTheBoundAboveIt() {
        TreeRoot root = above(new long[]{50, 200}, leaf(100, i -> 50L + i), leaf(100, i -> 200L + i));
        btree.remove(root, 50);
        assertThat(key(root.block(), 0)).isEqualTo(50);
        assertThat(btree.lowestKey(root.block())).hasValue(51);
    }

    @Test
    void twoChildrenBelowTheThresholdAreMergedAndTheRightOneIsFreed() {
        long left = leaf(85, i -> i);
        long right = leaf(84, i -> 1000L + i);
        TreeRoot root = above(new long[]{0, 1000}, left, right);
        btree.remove(root, 5);
        assertThat(children(root)).containsExactly(left);
        assertThat(entries(left)).isEqualTo(168);
        assertThat(lab.spaceMap.count(right)).isZero();
        assertThat(key(root.block(), 1)).as("the deleted slot keeps its bytes").isEqualTo(1000);
    }

    @Test
    void atTheThresholdTwoChildrenAreEvenedOut() {
        long left = leaf(140, i -> i);
        long right = leaf(30, i -> 1000L + i);
        TreeRoot root = above(new long[]{0, 1000}, left, right);
        btree.remove(root, 5);
        assertThat(children(root)).containsExactly(left, right);
        assertThat(List.of(entries(left), entries(right))).containsExactly(84, 85);
        assertThat(key(root.block(), 1)).isEqualTo(85);
    }

    @Test
    void anOnlyChildIsPulledUpIntoItsParent() {
        long child = leaf(100, i -> i);
        TreeRoot root = above(new long[]{0}, child);
        btree.remove(root, 7);
        assertThat(root.block()).isEqualTo(2);
        assertThat(entries(2)).isEqualTo(99);
        assertThat(lab.spaceMap.count(child)).isZero();
    }

    /** Without this, the grandchildren would be freed while the other tree still has them. */
    @Test
    void anOnlyChildThatIsSharedKeepsWhatItPointsAt() {
        lab.thinNodesAllowed = true;
        long child = above(new long[]{0, 1000}, leaf(150, i -> i), leaf(150, i -> 1000L + i)).block();
        TreeRoot root = above(new long[]{0}, child);
        lab.transactions.inc(root.block());
        TreeRoot clone = new TreeRoot(root.block());
        btree.remove(clone, 7);
        lab.checkAll(List.of(root, clone), 1, 8, TreeLab.LeafValues.IGNORE);
        btree.delete(clone.block());
        lab.checkAll(List.of(root), 1, 8, TreeLab.LeafValues.IGNORE);
        assertThat(btree.lookupLong(root.block(), 7, -1)).isEqualTo(7);
    }

    @Test
    void threeChildrenBelowTheThresholdLoseTheirCentre() {
        long left = leaf(100, i -> i);
        long centre = leaf(100, i -> 1000L + i);
        long right = leaf(136, i -> 2000L + i);
        TreeRoot root = above(new long[]{0, 1000, 2000}, left, centre, right);
        btree.remove(root, 1050);
        assertThat(children(root)).containsExactly(left, right);
        assertThat(List.of(entries(left), entries(right))).containsExactly(167, 168);
        assertThat(lab.spaceMap.count(centre)).isZero();
    }

    @Test
    void threeChildrenAtTheThresholdAreEvenedOut() {
        long left = leaf(100, i -> i);
        long centre = leaf(100, i -> 1000L + i);
        long right = leaf(138, i -> 2000L + i);
        TreeRoot root = above(new long[]{0, 1000, 2000}, left, centre, right);
        btree.remove(root, 1050);
        assertThat(children(root)).containsExactly(left, centre, right);
        assertThat(List.of(entries(left), entries(centre), entries(right))).containsExactly(113, 112, 112);
    }

    @Test
    void oneEntryMoreThanFourThirdsOfANodeIsEnoughForThree() {
        long left = leaf(112, i -> i);
        long centre = leaf(112, i -> 1000L + i);
        long right = leaf(113, i -> 2000L + i);
        TreeRoot root = above(new long[]{0, 1000, 2000}, left, centre, right);
        btree.remove(root, 1050);
        assertThat(children(root)).containsExactly(left, centre, right);
    }

    /** 250 + 5 + 1: two of the five fit in the left node. */
    @Test
    void aCentreThatDoesNotFitInTheLeftNodeSpillsIntoTheRightOne() {
        long left = leaf(250, i -> i);
        long centre = leaf(5, i -> 1000L + i);
        long right = leaf(1, i -> 2000L + i);
        TreeRoot root = above(new long[]{0, 1000, 2000}, left, centre, right);
        btree.remove(root, 1001);
        assertThat(children(root)).containsExactly(left, right);
        assertThat(List.of(entries(left), entries(right))).containsExactly(128, 127);
        assertThat(btree.lookupLong(root.block(), 1001, -1)).isEqualTo(-1);
        assertThat(btree.lookupLong(root.block(), 1004, -1)).isEqualTo(1004);
    }

    @Test
    void aCentreWithTooLittleIsEmptiedAndFilledAgain() {
        long left = leaf(20, i -> i);
        long centre = leaf(70, i -> 1000L + i);
        long right = leaf(FULL, i -> 2000L + i);
        TreeRoot root = above(new long[]{0, 1000, 2000}, left, centre, right);
        btree.remove(root, 1069);
        assertThat(List.of(entries(left), entries(centre), entries(right))).containsExactly(113, 114, 114);
        lab.checkAll(List.of(root), 1, 8, TreeLab.LeafValues.IGNORE);
    }

    @Test
    void aCentreWithTooLittleForTheRightNodeIsEmptiedAndFilledAgain() {
        long left = leaf(FULL, i -> i);
        long centre = leaf(70, i -> 1000L + i);
        long right = leaf(20, i -> 2000L + i);
        TreeRoot root = above(new long[]{0, 1000, 2000}, left, centre, right);
        btree.remove(root, 1000);
        assertThat(List.of(entries(left), entries(centre), entries(right))).containsExactly(114, 114, 113);
        lab.checkAll(List.of(root), 1, 8, TreeLab.LeafValues.IGNORE);
    }

    @Test
    void removingTheLastKeyLeavesAnEmptyLeaf() {
        TreeRoot root = btree.empty();
        btree.insertLong(root, 5, 5);
        assertThat(btree.remove(root, 5)).isTrue();
        assertThat(entries(root.block())).isZero();
        assertThat(btree.lowestKey(root.block())).isEmpty();
        assertThat(btree.highestKey(root.block())).isEmpty();
    }

    @Test
    void aValueIsEditedInPlaceWithoutSplittingFullNodes() {
        TreeRoot root = above(new long[]{0, 1000}, leaf(FULL, i -> i), leaf(FULL, i -> 1000L + i));
        lab.commit();
        assertThat(btree.overwrite(root, 1003, (leaf, offset) -> leaf.set(Bytes.U64, offset, 9)))
                .isTrue();
        assertThat(btree.lookupLong(root.block(), 1003, 0)).isEqualTo(9);
        assertThat(root.block()).isEqualTo(4);
        assertThat(children(root)).containsExactly(1L, 5L);
        assertThat(btree.overwrite(root, 5000, (_, _) -> {})).isFalse();
        lab.checkAll(List.of(root), 1, 8, TreeLab.LeafValues.IGNORE);
    }

    /** One entry to a leaf and 126 leaves to a node make four nodes from root to leaf out of a few entries. */
    @Test
    void aTreeOfHeightFourGrowsAndIsRemovedAgain() {
        try (TreeLab large = new TreeLab(40_000)) {
            BTree wide = new BTree(large.transactions, 1, ValueType.plain(1346));
            TreeRoot root = wide.empty();
            MemorySegment value = MemorySegment.ofArray(new byte[1346]);
            for (int i = 0; i < 33_000; i++) {
                wide.insert(root, i, value);
            }
            large.checkAll(List.of(root), 1, 1346, TreeLab.LeafValues.IGNORE);
            for (int i = 0; i < 33_000; i++) {
                assertThat(wide.remove(root, i * 7919L % 33_000)).isTrue();
            }
            large.checkAll(List.of(root), 1, 1346, TreeLab.LeafValues.IGNORE);
            assertThat(large.spaceMap.free()).as("one empty leaf is left").isEqualTo(39_998);
        }
    }
}

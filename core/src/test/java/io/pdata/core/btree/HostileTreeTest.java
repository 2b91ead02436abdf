package io.pdata.core.btree;

import static io.pdata.core.transaction.Forgiveness.forgive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.MemoryDevice;
import io.pdata.core.device.PersistentDataException;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes with right checksums and wrong content: an error that says where, never a hang or a stray exception. */
class HostileTreeTest {
    private static final long[] NONE = {};

    private static void corrupt(ThrowingCallable call, String... messages) {
        assertThatThrownBy(call).isInstanceOf(CorruptionException.class).hasMessageContainingAll(messages);
    }

    private static void assertEveryOperationFails(TreeLab lab, long root, String... messages) {
        BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));
        int[] before = lab.spaceMap.counts.clone();
        corrupt(() -> btree.lookupLong(root, 5, 0), messages);
        corrupt(() -> btree.lookupNext(root, new long[]{5}, BTreeReader.NOWHERE), messages);
        corrupt(() -> btree.lowestKey(root), messages);
        corrupt(() -> btree.highestKey(root), messages);
        corrupt(() -> btree.cursor(root).close(), messages);
        corrupt(() -> btree.insertLong(new TreeRoot(root), 5, 5), messages);
        forgive(lab.transactions);
        corrupt(() -> btree.remove(new TreeRoot(root), 5), messages);
        forgive(lab.transactions);
        corrupt(() -> btree.removeLeaves(new TreeRoot(root), new long[]{5}, 9), messages);
        forgive(lab.transactions);
        corrupt(() -> btree.overwrite(new TreeRoot(root), 5, (_, _) -> {}), messages);
        forgive(lab.transactions);
        System.arraycopy(before, 0, lab.spaceMap.counts, 0, before.length);
        corrupt(() -> btree.delete(root), messages);
        lab.rollBack();
    }

    @Test
    void anInternalNodeWithoutEntries() {
        try (TreeLab lab = new TreeLab(100)) {
            long empty = lab.plant(NodeLayout.INTERNAL, NONE, NONE);
            assertEveryOperationFails(lab, empty, "internal node without entries");
        }
    }

    @Test
    void thePathToTheDamageIsTold() {
        try (TreeLab lab = new TreeLab(100)) {
            long empty = lab.plant(NodeLayout.INTERNAL, NONE, NONE);
            long middle = lab.plant(NodeLayout.INTERNAL, new long[]{5}, new long[]{empty});
            long top = lab.plant(NodeLayout.INTERNAL, new long[]{0, 5}, new long[]{middle, middle});
            BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));
            corrupt(() -> btree.lookupLong(top, 5, 0), "block " + empty + " (btree node)",
                    "tree root " + top + " > slot 1 of node " + top + " > slot 0 of node " + middle);
            corrupt(() -> btree.insertLong(new TreeRoot(top), 5, 0), "tree root " + top + " for key 5",
                    " > slot 0 of node ");
        }
    }

    @Test
    void aCursorNoticesKeysOutOfOrder() {
        try (TreeLab lab = new TreeLab(100)) {
            long low = lab.plant(NodeLayout.LEAF, new long[]{1, 2}, new long[]{1, 2});
            long twice = lab.plant(NodeLayout.INTERNAL, new long[]{1, 5}, new long[]{low, low});
            long mixed = lab.plant(NodeLayout.LEAF, new long[]{7, 9, 8}, new long[]{1, 2, 3});
            BTreeReader reader = new BTreeReader(lab.transactions, 1, 8);
            corrupt(() -> reader.walk(twice, (_, _, _) -> true), "block " + low, "keys out of order: 1 after 2",
                    "slot 1 of node " + twice);
            corrupt(() -> reader.cursor(mixed), "block " + mixed, "keys out of order: 8 after 9");
            long same = lab.plant(NodeLayout.LEAF, new long[]{7, 8, 8}, new long[]{1, 2, 3});
            corrupt(() -> reader.cursor(same), "block " + same, "keys out of order: 8 after 8");
        }
    }

    @Test
    void aLeafWithValuesOfAnotherSize() {
        try (TreeLab lab = new TreeLab(100)) {
            BTree wide = new BTree(lab.transactions, 1, ValueType.plain(24));
            TreeRoot root = wide.empty();
            wide.insert(root, 5, MemorySegment.ofArray(new byte[24]));
            assertEveryOperationFails(lab, root.block(), "a leaf here has values of 8 bytes, this one of 24");
        }
    }

    @Test
    void aPointerOutsideOfTheDevice() {
        for (long wild : new long[]{100, Long.MAX_VALUE, -1}) {
            try (TreeLab lab = new TreeLab(100)) {
                long top = lab.plant(NodeLayout.INTERNAL, new long[]{0}, new long[]{wild});
                assertEveryOperationFails(lab, top, "block " + Long.toUnsignedString(wild), "lies beyond");
            }
        }
    }

    /** What a search for the nearest key answers is never on the wrong side of what was asked for. */
    @Test
    void keysThatDescend() {
        try (TreeLab lab = new TreeLab(100)) {
            BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));
            long leaf = lab.plant(NodeLayout.LEAF, new long[]{20, 30, 10}, new long[3]);
            corrupt(() -> btree.lookupNext(leaf, new long[]{25}, BTreeReader.NOWHERE), "block " + leaf,
                    "keys are out of order: 20 where none below 25 can be", "tree root " + leaf);
            long up = lab.plant(NodeLayout.INTERNAL, new long[]{5, 40, 10, 30}, new long[]{leaf, leaf, leaf, leaf});
            corrupt(() -> btree.lookupNext(up, new long[]{35}, BTreeReader.NOWHERE), "block " + up,
                    "keys are out of order: 30 where none below 35 can be");
        }
    }

    /** A cycle below the root; a reader that follows it for ever would hang this test. */
    @Test
    void aCycle() {
        try (TreeLab lab = new TreeLab(100)) {
            long first = lab.spaceMap.newBlock() + 1;
            long a = lab.plant(NodeLayout.INTERNAL, new long[]{0, 3}, new long[]{first + 1, first + 1});
            long b = lab.plant(NodeLayout.INTERNAL, new long[]{0, 3}, new long[]{first, first});
            assertThat(new long[]{a, b}).containsExactly(first, first + 1);
            BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));
            corrupt(() -> btree.lookupLong(a, 5, 0), "deeper than any tree");
            corrupt(() -> btree.lookupNext(a, new long[]{5}, BTreeReader.NOWHERE), "deeper than any tree");
            corrupt(() -> btree.highestKey(a), "deeper than any tree");
            corrupt(() -> btree.cursor(a).close(), "deeper than any tree");
            corrupt(() -> btree.insertLong(new TreeRoot(a), 5, 5), "");
            forgive(lab.transactions);
            corrupt(() -> btree.removeLeaves(new TreeRoot(a), new long[]{5}, 9), "");
            forgive(lab.transactions);
            corrupt(() -> btree.overwrite(new TreeRoot(a), 5, (_, _) -> {}), "");
            forgive(lab.transactions);
            corrupt(() -> btree.delete(a), "deeper than any tree");
            forgive(lab.transactions);
            lab.rollBack();
        }
    }

    /** 252 children each, all the same node, 14 nodes deep: 252^14 ways. Only counting what is met can end that. */
    @Test
    void aCursorInATreeThatIsWiderThanTheDevice() {
        try (TreeLab lab = new TreeLab(100)) {
            long root = lab.plantFans(lab.plant(NodeLayout.LEAF, NONE, NONE), 14);
            BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));
            corrupt(() -> btree.cursor(root).close(), "fewer blocks than nodes");
            corrupt(() -> btree.lookupNext(root, new long[]{0}, BTreeReader.NOWHERE), "more leaves without entries");
            corrupt(() -> btree.highestKey(root), "more leaves without entries");
        }
    }

    @Test
    void siblingsOfDifferentKinds() {
        try (TreeLab lab = new TreeLab(100)) {
            long leaf = lab.plant(NodeLayout.LEAF, new long[]{5}, new long[]{1});
            long inner = lab.plant(NodeLayout.INTERNAL, new long[]{0}, new long[]{leaf});
            long top = lab.plant(NodeLayout.INTERNAL, new long[]{0, 5}, new long[]{inner, leaf});
            BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));
            corrupt(() -> btree.remove(new TreeRoot(top), 5), "differs from its sibling",
                    "internal node of 252 times 8 bytes beside leaf of 252 times 8 bytes");
            lab.rollBack();
        }
    }

    /** The odd one among three that have too much to be made two of: on the left, and on the right. */
    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void threeSiblingsOfWhichOneIsOfAnotherKind(int odd) {
        try (TreeLab lab = new TreeLab(1000)) {
            long[] children = new long[3];
            for (int i = 0; i < 3; i++) {
                long first = 1000L * i;
                long[] keys = LongStream.range(first, first + 120).toArray();
                children[i] = lab.plant(i == odd ? NodeLayout.INTERNAL : NodeLayout.LEAF, keys, new long[120]);
            }
            long top = lab.plant(NodeLayout.INTERNAL, new long[]{0, 1000, 2000}, children);
            BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));
            corrupt(() -> btree.remove(new TreeRoot(top), 1010), "differs from its sibling");
            lab.rollBack();
        }
    }

    @Test
    void anOnlyChildWithValuesOfAnotherSizeIsNotPulledUp() {
        try (TreeLab lab = new TreeLab(100)) {
            BTree wide = new BTree(lab.transactions, 1, ValueType.plain(24));
            TreeRoot child = wide.empty();
            wide.insert(child, 5, MemorySegment.ofArray(new byte[24]));
            long top = lab.plant(NodeLayout.INTERNAL, new long[]{0}, new long[]{child.block()});
            BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));
            corrupt(() -> btree.removeLeaves(new TreeRoot(top), new long[]{0}, 9), "this one of 24",
                    "slot 0 of node " + top);
            lab.blocks.writeLock(child.block(), NodeValidator.NODE).close(); // would wait for a lock left behind
            lab.rollBack();
        }
    }

    /** A full leaf looks for room to its left, to its right, or for two nodes to make three of. */
    @ParameterizedTest
    @CsvSource({"0, 1, 1", "1, 0, 1", "0, 1, 252"})
    void aFullLeafBesideASiblingOfAnotherKind(int odd, int full, int entriesOfOdd) {
        try (TreeLab lab = new TreeLab(1000)) {
            long[] children = new long[3];
            for (int i = 0; i < 3; i++) {
                long[] keys = new long[i == odd ? entriesOfOdd : 252];
                for (int k = 0; k < keys.length; k++) {
                    keys[k] = 10_000L * i + 2 * k;
                }
                children[i] = lab.plant(i == odd ? NodeLayout.INTERNAL : NodeLayout.LEAF, keys, keys);
            }
            long top = lab.plant(NodeLayout.INTERNAL, new long[]{0, 10_000, 20_000}, children);
            BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));
            corrupt(() -> btree.insertLong(new TreeRoot(top), 10_000L * full + 1, 1), "differs from its sibling");
            lab.rollBack();
        }
    }

    /** Whoever copies a node that others refer to as well counts its values: not before it is known to be a node of this tree. */
    @Test
    void aSharedNodeOfAnotherTreeIsNotCounted() {
        try (TreeLab lab = new TreeLab(100)) {
            BTree wide = new BTree(lab.transactions, 1, ValueType.plain(24));
            TreeRoot root = wide.empty();
            for (int i = 0; i < 9; i++) {
                wide.insert(root, i, MemorySegment.ofArray(new byte[]{50, 0, 0, 0, 0, 0, 0, 0, 51, 0, 0, 0, 0, 0, 0, 0,
                    52, 0, 0, 0, 0, 0, 0, 0}));
            }
            lab.commit();
            lab.transactions.inc(root.block());
            BTree references = new BTree(lab.transactions, 1, ValueType.blockReferences(lab.transactions));
            corrupt(() -> references.insertLong(new TreeRoot(root.block()), 5, 5), "values of 8 bytes, this one of 24");
            assertThat(lab.spaceMap.counts[50] + lab.spaceMap.counts[51] + lab.spaceMap.counts[52]).isZero();
            lab.rollBack();
        }
    }

    /** Each of the two leaves answers a lookup; merged, they are out of order, and the key is not found again. */
    @Test
    void aKeyThatGetsLostOnTheWayToItsRemoval() {
        try (TreeLab lab = new TreeLab(100)) {
            long left = lab.plant(NodeLayout.LEAF, new long[]{0, 80}, new long[2]);
            long right = lab.plant(NodeLayout.LEAF, new long[]{70, 60}, new long[2]);
            long top = lab.plant(NodeLayout.INTERNAL, new long[]{0, 50}, new long[]{left, right});
            BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));
            assertThat(btree.lookupLong(top, 60, -1)).isZero();
            corrupt(() -> btree.remove(new TreeRoot(top), 60), "not found when it is to be removed");
            lab.rollBack();
        }
    }

    @Test
    void deletingSaysWhereTheDamageIs() {
        try (TreeLab lab = new TreeLab(100)) {
            long empty = lab.plant(NodeLayout.INTERNAL, NONE, NONE);
            long leaf = lab.plant(NodeLayout.LEAF, new long[]{0}, new long[]{0});
            long middle = lab.plant(NodeLayout.INTERNAL, new long[]{0, 5}, new long[]{leaf, empty});
            long top = lab.plant(NodeLayout.INTERNAL, new long[]{0}, new long[]{middle});
            BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));
            corrupt(() -> btree.delete(top), "slot 0 of node " + top, "slot 1 of node " + middle);
            lab.rollBack();
        }
    }

    @Test
    void aSubTreeRootThatIsNoBlockNumber() {
        try (TreeLab lab = new TreeLab(100)) {
            long top = lab.plant(NodeLayout.LEAF, new long[]{7}, new long[]{-1});
            BTree btree = new BTree(lab.transactions, 2, ValueType.plain(8));
            corrupt(() -> btree.lookupLong(top, new long[]{7, 1}, 0), "key 7 of tree root " + top);
            assertThat(btree.lookupLong(top, new long[]{8, 1}, -5)).isEqualTo(-5);
        }
    }

    /** Any bytes of any nodes may be wrong, as long as the checksum is right: that is what a fuzzer would do. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void randomDamageGivesErrorsOfOneKindAndReleasesAllLocks(long seed) {
        Random random = new Random(seed);
        try (TreeLab good = new TreeLab(500)) {
            BTree btree = new BTree(good.transactions, 2, ValueType.blockReferences(good.transactions));
            TreeRoot root = btree.empty();
            for (int i = 0; i < 9000; i++) {
                btree.insertLong(root, new long[]{i % 2, random.nextInt(20_000)}, newReference(good));
            }
            good.commit();
            int failed = 0;
            for (int i = 0; i < 60; i++) {
                MemoryDevice damaged = good.device.copy();
                damage(damaged, good.spaceMap, random);
                failed += attack(new TreeLab(damaged, good.spaceMap.copy(), 0), root.block(), random);
            }
            assertThat(failed).as("operations that met the damage").isGreaterThan(100);
        }
    }

    /** A value must refer to something that is in use; the root will do. */
    private static long newReference(TreeLab lab) {
        lab.transactions.inc(1);
        return 1;
    }

    private static void damage(MemoryDevice device, CountingSpaceMap spaceMap, Random random) {
        MemorySegment block = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        for (int i = 0; i < 20; i++) {
            int number;
            do {
                number = 1 + random.nextInt(spaceMap.counts.length - 1);
            } while (spaceMap.counts[number] == 0);
            device.read((long) number * Bytes.BLOCK_SIZE, block);
            switch (random.nextInt(4)) {
            case 0 -> block.set(Bytes.U32, 4 * random.nextInt(1, 8), random.nextInt(-1, 300));
            case 1 -> block.set(Bytes.U64, 2048 + 8 * random.nextInt(252), random.nextInt(-2, 520));
            case 2 -> block.set(Bytes.U64, 32 + 8 * random.nextInt(252), random.nextLong());
            default -> block.set(Bytes.U32, NodeLayout.NR_ENTRIES, random.nextInt(253));
            }
            NodeValidator.NODE.prepare(block, number);
            device.write((long) number * Bytes.BLOCK_SIZE, block);
        }
    }

    private static int attack(TreeLab lab, long committedRoot, Random random) {
        try (lab) {
            BTree btree = new BTree(lab.transactions, 2, ValueType.blockReferences(lab.transactions));
            BTreeReader flat = new BTreeReader(lab.transactions, 1, 8);
            TreeRoot root = new TreeRoot(committedRoot);
            int failed = 0;
            for (int i = 0; i < 200; i++) {
                long[] keys = {random.nextInt(3), random.nextInt(20_000)};
                int what = random.nextInt(8);
                try {
                    switch (what) {
                    case 0 -> btree.lookupLong(root.block(), keys, 0);
                    case 1 -> btree.lookupNext(root.block(), keys, BTreeReader.NOWHERE);
                    case 2 -> btree.insertLong(root, keys, newReference(lab));
                    case 3 -> btree.remove(root, keys);
                    case 4 -> btree.removeLeaves(root, keys, keys[1] + 50);
                    case 5 -> flat.walk(root.block(), (_, _, _) -> true);
                    case 6 -> lab.transactions.inc(root.block());
                    default -> {
                        if (random.nextInt(10) == 0) {
                            btree.delete(root.block());
                        }
                    }
                    }
                } catch (PersistentDataException e) {
                    failed++;
                    forgive(lab.transactions);
                }
            }
            lab.rollBack();
            return failed;
        }
    }
}

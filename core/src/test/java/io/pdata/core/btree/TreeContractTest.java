package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.transaction.Forgiveness;
import java.lang.foreign.MemorySegment;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each method of a tree promises of its answer, at the edges, and which uses of it are refused. */
class TreeContractTest {
    private static final long[] NONE = {};

    private final TreeLab lab = new TreeLab(1000);
    private final BTree plain = new BTree(lab.transactions, 1, ValueType.plain(8));
    private final BTree nested = new BTree(lab.transactions, 2, ValueType.plain(8));
    private final BTree wide = new BTree(lab.transactions, 1, ValueType.plain(24));

    @AfterEach
    void close() {
        lab.close();
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOfAny(IllegalStateException.class, IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static MemorySegment value() {
        return MemorySegment.ofArray(new byte[24]);
    }

    @Test
    void aTreeInTreesTakesAKeyForEachLevel() {
        long root = nested.empty().block();
        String message = "a tree of 2 levels takes as many keys";
        refused(() -> nested.lookup(root, 1, value()), message);
        refused(() -> nested.lookupLong(root, 1, 0), message);
        refused(() -> nested.lowestKey(root), message);
        refused(() -> nested.highestKey(root), message);
        refused(() -> nested.cursor(root), message);
        refused(() -> nested.overwrite(new TreeRoot(root), 1, (_, _) -> {}), message);
        long[] three = {1, 2, 3};
        message = "3 keys for a tree of 2 levels";
        refused(() -> nested.lookup(root, three, value()), message);
        refused(() -> nested.lookupLong(root, three, 0), message);
        refused(() -> nested.lookupNext(root, three, BTreeReader.NOWHERE), message);
        refused(() -> nested.remove(new TreeRoot(root), three), message);
        refused(() -> nested.removeLeaves(new TreeRoot(root), three, 9), message);
        refused(() -> nested.insertLong(new TreeRoot(root), three, 1), message);
    }

    @Test
    void valuesAreOnlyTakenForLongsIfTheyHaveEightBytes() {
        TreeRoot root = wide.empty();
        wide.insert(root, 1, value());
        String message = "the values of this tree have 24 bytes, not 8";
        refused(() -> wide.lookupLong(root.block(), 1, 0), message);
        refused(() -> wide.lookupLong(root.block(), new long[]{1}, 0), message);
        refused(() -> wide.insertLong(root, 1, 0), message);
        refused(() -> wide.cursor(root.block(), true), message);
        try (Cursor cursor = wide.cursor(root.block())) {
            refused(cursor::longValue, message);
        }
    }

    @Test
    void itKnowsItsKind() {
        assertThat(nested.levels()).isEqualTo(2);
        ValueType type = ValueType.plain(24);
        assertThat(new BTree(lab.transactions, 1, type).type()).isSameAs(type);
        assertThat(new TreeRoot(17).toString()).contains("17");
        assertThat(TreeDamage.Kind.UNREADABLE.loses()).isTrue();
        assertThat(TreeDamage.Kind.UNDERFULL.loses()).isFalse();
    }

    @Test
    void insertingSaysWhetherTheKeyIsNew() {
        TreeRoot root = plain.empty();
        assertThat(plain.insertLong(root, 1, 10)).isTrue();
        assertThat(plain.insertLong(root, 1, 11)).isFalse();
        TreeRoot outer = nested.empty();
        assertThat(nested.insertLong(outer, new long[]{1, 2}, 10)).isTrue();
        assertThat(nested.insertLong(outer, new long[]{1, 2}, 11)).isFalse();
    }

    @Test
    void theNextEntryComesWithItsValue() {
        TreeRoot root = plain.empty();
        plain.insertLong(root, 20, 4711);
        long[] key = {3};
        MemorySegment found = value();
        assertThat(plain.lookupNext(root.block(), key, found)).isTrue();
        assertThat(key).containsExactly(20);
        assertThat(found.get(Bytes.U64, 0)).isEqualTo(4711);
    }

    @Test
    void theFirstEntryOfALeafCanBeEdited() {
        TreeRoot root = plain.empty();
        plain.insertLong(root, 5, 50);
        assertThat(plain.overwrite(root, 5, (block, offset) -> block.set(Bytes.U64, offset, 51))).isTrue();
        assertThat(plain.lookupLong(root.block(), 5, 0)).isEqualTo(51);
    }

    /** Two levels of nodes, with keys from 100 on. */
    private TreeRoot high() {
        long left = lab.plant(NodeLayout.LEAF, new long[]{100, 101}, new long[]{1, 2});
        long right = lab.plant(NodeLayout.LEAF, new long[]{200, 201}, new long[]{3, 4});
        return new TreeRoot(lab.plant(NodeLayout.INTERNAL, new long[]{100, 200}, new long[]{left, right}));
    }

    private void assertHighIsWhole(TreeRoot root) {
        long[] keys = {100, 101, 200, 201};
        for (int i = 0; i < keys.length; i++) {
            assertThat(plain.lookupLong(root.block(), keys[i], 0)).isEqualTo(i + 1);
        }
    }

    @Test
    void aKeyBelowAllOthersIsNeitherEditedNorRemoved() {
        TreeRoot root = high();
        assertThat(plain.overwrite(root, 5, (_, _) -> {
            throw new AssertionError("there is nothing to edit");
        })).isFalse();
        assertThat(plain.remove(root, 5)).isFalse();
        assertThat(plain.removeLeaves(root, new long[]{5}, 300)).isZero();
        assertHighIsWhole(root);
    }

    @Test
    void aKeyBelowThoseOfAnOnlyChildIsNotRemoved() {
        TreeRoot root = high();
        TreeRoot top = new TreeRoot(lab.plant(NodeLayout.INTERNAL, new long[]{0}, new long[]{root.block()}));
        assertThat(plain.removeLeaves(top, new long[]{5}, 300)).isZero();
        assertHighIsWhole(top);
    }

    @Test
    void fromATreeThatIsNotThereNothingIsRemoved() {
        TreeRoot root = nested.empty();
        nested.insertLong(root, new long[]{7, 1}, 70);
        assertThat(nested.removeLeaves(root, new long[]{8, 0}, 100)).isZero();
        assertThat(nested.removeLeaves(root, new long[]{6, 0}, 100)).isZero();
        assertThat(nested.lookupLong(root.block(), new long[]{7, 1}, 0)).isEqualTo(70);
    }

    @Test
    void fromAnEmptyTreeNothingIsRemoved() {
        TreeRoot root = plain.empty();
        assertThat(plain.removeLeaves(root, new long[]{0}, 100)).isZero();
        assertThat(plain.lowestKey(root.block())).isEmpty();
    }

    @Test
    void aValueThatGoesGivesUpItsReference() {
        BTree references = new BTree(lab.transactions, 1, ValueType.blockReferences(lab.transactions));
        long target = lab.plant(NodeLayout.LEAF, NONE, NONE);
        TreeRoot root = references.empty();
        for (int key = 0; key < 3; key++) {
            lab.transactions.inc(target);
            references.insertLong(root, key, target);
        }
        references.remove(root, 0);
        assertThat(lab.spaceMap.count(target)).isEqualTo(3);
        references.insertLong(root, 1, lab.plant(NodeLayout.LEAF, NONE, NONE));
        assertThat(lab.spaceMap.count(target)).as("after it has been replaced").isEqualTo(2);
    }

    @Test
    void nothingBuiltIsAnEmptyLeaf() {
        TreeRoot root = new TreeBuilder(lab.transactions, ValueType.plain(8)).finish();
        try (Cursor cursor = plain.cursor(root.block())) {
            assertThat(cursor.valid()).isFalse();
        }
    }

    /** In a full node on the way down, whose upper half begins with the very key that is looked for. */
    @Test
    void anOverwriteUnderANodeThatIsSplitFindsItsKey() {
        try (TreeLab large = new TreeLab(4000)) {
            BTree tree = new BTree(large.transactions, 1, ValueType.plain(8));
            TreeBuilder builder = new TreeBuilder(large.transactions, ValueType.plain(8));
            int capacity = NodeLayout.capacity(8);
            for (int i = 0; i < 3 * capacity * capacity; i++) {
                builder.addLong(i, i);
            }
            long root = builder.finish().block();
            for (long key = 0; key < (long) capacity * capacity; key += capacity) {
                large.transactions.inc(root);
                TreeRoot clone = new TreeRoot(root);
                assertThat(tree.insertLong(clone, key, -1)).as("key %d is new", key).isFalse();
                tree.delete(clone.block());
            }
        }
    }

    /** As many nodes as any way may have, and one more; read by readers that lock, and by those that need not. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTreeMayBeAsDeepAsTheLimitSays(boolean cached) {
        long root = lab.plant(NodeLayout.LEAF, new long[]{5}, new long[]{55});
        for (int nodes = 1; nodes < BTreeReader.MAX_DEPTH; nodes++) {
            root = lab.plant(NodeLayout.INTERNAL, new long[]{5}, new long[]{root});
        }
        long deepest = root;
        long tooDeep = lab.plant(NodeLayout.INTERNAL, new long[]{5}, new long[]{root});
        lab.commit();
        try (TreeLab again = new TreeLab(lab.device.reopen(), lab.spaceMap, 1 << 20)) {
            BTree tree = new BTree(again.transactions, 1, ValueType.plain(8));
            if (cached) {
                tree.cursor(deepest).close();
            }
            assertThat(tree.lookupLong(deepest, 5, 0)).isEqualTo(55);
            assertThat(tree.highestKey(deepest)).hasValue(5);
            assertThat(tree.lowestKey(deepest)).hasValue(5);
            assertTooDeep(again, tree, tooDeep);
            again.transactions.inc(deepest);
            TreeRoot clone = new TreeRoot(deepest);
            assertThat(tree.overwrite(clone, 5, (_, _) -> {})).isTrue();
            assertThat(tree.insertLong(clone, 5, 56)).isFalse();
            assertThat(tree.remove(clone, 5)).isTrue();
            again.rollBack();
        }
    }

    /** All of it is in the cache from the second lookup on, which takes another way through it. */
    private static void assertTooDeep(TreeLab lab, BTree tree, long root) {
        for (ThrowingCallable call : new ThrowingCallable[]{() -> tree.lookupLong(root, 5, 0),
            () -> tree.highestKey(root), () -> tree.lowestKey(root), () -> tree.cursor(root).close(),
            () -> tree.overwrite(new TreeRoot(root), 5, (_, _) -> {}),
            () -> tree.insertLong(new TreeRoot(root), 5, 1)}) {
            lab.transactions.inc(root);
            assertThatThrownBy(() -> tree.lookupLong(root, 5, 0)).isInstanceOf(CorruptionException.class);
            assertThatThrownBy(call).isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("deeper than any tree can be");
            Forgiveness.forgive(lab.transactions);
        }
    }
}

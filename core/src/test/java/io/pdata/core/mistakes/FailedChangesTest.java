package io.pdata.core.mistakes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.array.PersistentArray;
import io.pdata.core.bitset.PersistentBitset;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.BTree;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.btree.TreeBuilder;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.btree.ValueType;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.testing.TestStore;
import io.pdata.core.transaction.ChildReferences;
import io.pdata.core.transaction.TransactionState;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** After a change that threw, nothing can be committed before a roll-back, which restores everything. */
class FailedChangesTest {
    private static final int ENTRIES = 1000;
    private static final MemorySegment SHORT = MemorySegment.ofArray(new byte[3]);

    /** An error of the program, not one that the library knows. */
    private static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final TestStore store = TestStore.format(600, 100);
    private final BTree tree = new BTree(store.transactions(), 1, ValueType.plain(8));
    private final BTree guarded = new BTree(store.transactions(), 1, new BreakingType());
    private final PersistentArray array = new PersistentArray(store.transactions(), ValueType.plain(8));
    private final PersistentBitset bitset = new PersistentBitset(store.transactions());
    private boolean breaking;

    /** Values that cannot be counted while {@link #breaking}. */
    private final class BreakingType implements ValueType {
        @Override
        public int size() {
            return 8;
        }

        @Override
        public void inc(MemorySegment values, long offset, int count) {
            breakIfAsked();
        }

        @Override
        public void dec(MemorySegment values, long offset, int count) {
            breakIfAsked();
        }
    }

    private void breakIfAsked() {
        if (breaking) {
            throw new Broken();
        }
    }

    @BeforeEach
    void fill() {
        store.root(0).moveTo(tree.empty().block());
        store.root(1).moveTo(guarded.empty().block());
        for (int key = 0; key < ENTRIES; key++) {
            tree.insertLong(store.root(0), key, key);
            guarded.insertLong(store.root(1), key, key);
        }
        store.root(2).moveTo(array.create(ENTRIES, (i, block, at) -> block.set(Bytes.U64, at, i)).block());
        store.root(3).moveTo(bitset.create(ENTRIES, bit -> bit % 2 == 0).block());
        store.commit();
        breaking = true;
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** A mistake in the use of the library, in the middle of a transaction. */
    @FunctionalInterface
    interface Mistake {
        void make(FailedChangesTest test);
    }

    static Stream<Map.Entry<String, Mistake>> mistakes() {
        Map<String, Mistake> all = new LinkedHashMap<>();
        all.put("a value that is too short", t -> t.tree.insert(t.store.root(0), 5, SHORT));
        all.put("no value", t -> t.tree.insert(t.store.root(0), 5, null));
        all.put("an editor that throws", t -> t.tree.overwrite(t.store.root(0), 5, (_, _) -> {
            throw new Broken();
        }));
        all.put("an editor that writes elsewhere", t -> t.tree.overwrite(t.store.root(0), 5,
                (leaf, _) -> leaf.set(Bytes.U64, 4096, 1)));
        all.put("an editor that runs out of stack", t -> t.tree.overwrite(t.store.root(0), 5, (_, _) -> deeper(0)));
        all.put("an editor that runs out of memory", t -> t.tree.overwrite(t.store.root(0), 5, (_, _) -> {
            throw new OutOfMemoryError("as if");
        }));
        all.put("an editor that changes the tree", t -> t.tree.overwrite(t.store.root(0), 5,
                (_, _) -> t.tree.insertLong(t.store.root(0), 6, 1)));
        all.put("an editor that looks into the tree", t -> t.tree.overwrite(t.store.root(0), 5,
                (_, _) -> t.tree.lookupNext(t.store.root(0).block(), new long[]{5},
                        MemorySegment.ofArray(new byte[8]))));
        all.put("a value that cannot be given up", t -> t.guarded.insertLong(t.store.root(1), 5, -1));
        all.put("a removal that cannot give its value up", t -> t.guarded.remove(t.store.root(1), 5));
        all.put("a range that cannot give its values up",
                t -> t.guarded.removeLeaves(t.store.root(1), new long[]{5}, 50));
        all.put("a tree that cannot give its values up", t -> t.guarded.delete(t.store.root(1).block()));
        all.put("values that cannot be counted twice", t -> {
            t.store.transactions().inc(t.store.root(1).block());
            t.guarded.insertLong(t.store.root(1), 2000, 1);
        });
        all.put("no space for a tree", t -> t.untilFull(i -> t.tree.insertLong(t.store.root(0), 7919L * i, i)));
        all.put("no space for a new tree", t -> t.untilFull(_ -> {
            TreeBuilder builder = new TreeBuilder(t.store.transactions(), ValueType.plain(8));
            for (int i = 0; i < 2000; i++) {
                builder.addLong(i, i);
            }
            builder.finish();
        }));
        all.put("no space for an array", t -> t.untilFull(i -> t.array.resize(t.store.root(2), 1000L * (i + 1),
                1000L * (i + 2), MemorySegment.ofArray(new byte[8]))));
        all.put("a value too short for an array", t -> t.array.set(t.store.root(2), 5, SHORT));
        all.put("a value too short to grow by", t -> t.array.resize(t.store.root(2), ENTRIES, 5000, SHORT));
        all.put("an array that is shorter than said", t -> t.array.resize(t.store.root(2), 4000, 3000, SHORT));
        all.put("a filler that throws", t -> t.array.create(5000, (i, _, _) -> {
            if (i == 3000) {
                throw new Broken();
            }
        }));
        all.put("a filler of bits that throws", t -> t.bitset.create(500_000, bit -> {
            if (bit == 400_000) {
                throw new Broken();
            }
            return true;
        }));
        all.put("a change of several steps", t -> {
            try (TransactionState change = t.store.transactions().change()) {
                t.tree.insertLong(t.store.root(0), 5, -5);
                if (t.breaking) {
                    throw new Broken();
                }
                change.complete();
            }
        });
        all.put("a reference that is not there", t -> t.store.transactions().dec(590));
        all.put("a data reference that is not there", t -> t.store.dataMap().dec(50, 60));
        return all.entrySet().stream();
    }

    private static int deeper(int depth) {
        return 1 + deeper(depth + 1);
    }

    private void untilFull(IntConsumer step) {
        for (int i = 0; i < 1_000_000; i++) {
            step.accept(i);
        }
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void nothingIsCommittedBeforeARollBack(Map.Entry<String, Mistake> mistake) {
        for (int key = 0; key < 122; key++) {
            tree.remove(store.root(0), 7L * key);
        }
        Throwable thrown = null;
        try {
            mistake.getValue().make(this);
        } catch (Throwable e) {
            thrown = e;
        }
        assertThat(thrown).as(mistake.getKey()).isNotNull();
        byte[] before = superblock();
        assertThat(store.transactions().failed()).isTrue();
        assertThatThrownBy(store::commit).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("roll back").cause().isNotNull();
        assertThatThrownBy(() -> tree.insertLong(store.root(0), 1, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.transactions().inc(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.dataMap().newBlock()).isInstanceOf(IllegalStateException.class);
        assertThat(superblock()).isEqualTo(before);
        breaking = false;
        store.abort();
        verify();
        tree.insertLong(store.root(0), 5000, 1);
        store.commit();
        store.reopen();
        assertThat(new BTree(store.transactions(), 1, ValueType.plain(8)).lookupLong(store.root(0).block(), 5000, -1))
                .isEqualTo(1);
    }

    private byte[] superblock() {
        byte[] bytes = new byte[4096];
        store.device().read(0, MemorySegment.ofArray(bytes));
        return bytes;
    }

    private void verify() {
        for (int key = 0; key < ENTRIES; key++) {
            assertThat(tree.lookupLong(store.root(0).block(), key, -1)).isEqualTo(key);
            assertThat(guarded.lookupLong(store.root(1).block(), key, -1)).isEqualTo(key);
            assertThat(array.getLong(store.root(2).block(), key)).isEqualTo(key);
        }
        store.verify(references -> {
            references.tree(store.root(0), 1);
            references.tree(store.root(1), 1);
            references.array(store.root(2));
            references.array(store.root(3));
        });
    }

    /** Wherever the stack ends, also in the middle of releasing a lock. */
    @Test
    void aStackThatEndsAnywhereLeavesTheLastCommit() {
        for (int i = 0; i < 20; i++) {
            int offset = i;
            assertThatThrownBy(() -> recurse(0, offset)).isInstanceOf(StackOverflowError.class);
            if (store.transactions().failed()) {
                assertThatThrownBy(store::commit).isInstanceOf(IllegalStateException.class);
            }
            store.abort();
            verify();
        }
        tree.insertLong(store.root(0), 5000, 1);
        store.commit();
    }

    private long recurse(int depth, int offset) {
        if (depth > 500) {
            tree.insertLong(store.root(0), (depth + offset) * 31L % 4000, depth);
        }
        return 1 + recurse(depth + 1, offset);
    }

    /** A request that is refused before any change leaves the transaction unchanged. */
    @Test
    void wrongArgumentsAreRefusedWithoutHarm() {
        tree.insertLong(store.root(0), 5000, 1);
        TreeRoot root = store.root(0);
        assertThatThrownBy(() -> tree.insertLong(root, new long[]{1, 2}, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> tree.remove(root, new long[0])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> array.setLong(store.root(2), -1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> array.setInt(store.root(2), 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> array.resize(store.root(2), 1000, -1, SHORT))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.dataMap().extend(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.spaceMap().extend(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(store.transactions().failed()).isFalse();
        store.commit();
        assertThat(tree.lookupLong(store.root(0).block(), 5000, -1)).isEqualTo(1);
    }

    /** A data device without space does not invalidate earlier changes. */
    @Test
    void dataThatHaveRunOutLeaveTheTransactionAsItWas() {
        tree.insertLong(store.root(0), 5000, 1);
        for (int i = 0; i < 100; i++) {
            store.dataMap().newBlock();
        }
        assertThatThrownBy(store.dataMap()::newBlock).isInstanceOf(NoSpaceException.class);
        assertThatCode(store::commit).doesNotThrowAnyException();
    }

    @Test
    void aCommitInTheMiddleOfAChangeIsRefused() {
        tree.overwrite(store.root(0), 5, (leaf, at) -> {
            leaf.set(Bytes.U64, at, -5);
            assertThatThrownBy(store.transactions()::preCommit).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in the middle of a change");
        });
        store.commit();
        assertThat(tree.lookupLong(store.root(0).block(), 5, 0)).isEqualTo(-5);
    }

    @Test
    void aRollBackInTheMiddleOfAChangeIsNoticed() {
        assertThatThrownBy(() -> {
            tree.overwrite(store.root(0), 5, (_, _) -> store.abort());
            store.commit();
        }).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(store::commit).isInstanceOf(IllegalStateException.class);
        breaking = false;
        store.abort();
        verify();
    }

    @Test
    void aSuperblockIsWrittenByItsWriterAlone() {
        tree.insertLong(store.root(0), 5000, 1);
        assertThatThrownBy(() -> store.commitWith(() -> {
            throw new Broken();
        })).isInstanceOf(Broken.class);
        assertThatThrownBy(store::commit).isInstanceOf(IllegalStateException.class);
        store.abort();
        assertThatThrownBy(() -> store.commitWith(() -> tree.insertLong(store.root(0), 5000, 1)))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("between the two halves");
        store.abort();
        breaking = false;
        verify();
    }

    /** The owner could not note the commit, so it knows an outdated state. */
    @Test
    void whatCannotBePublishedCannotBeGoneBackFrom() {
        tree.insertLong(store.root(0), 5000, 1);
        var before = store.spaceMap().root();
        assertThatThrownBy(() -> store.commit(() -> {
            throw new Broken();
        })).isInstanceOf(Broken.class);
        assertThatThrownBy(store::commit).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.transactions().abort(before)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("last commit");
        store.reopen();
        assertThat(new BTree(store.transactions(), 1, ValueType.plain(8)).lookupLong(store.root(0).block(), 5000, -1))
                .isEqualTo(1);
    }

    @Test
    void blocksThatAreCopiedAreUnlockedWhenTheirChildrenCannotBeCounted() {
        store.transactions().inc(store.root(0).block());
        assertThatThrownBy(() -> store.transactions().shadow(store.root(0).block(),
                NodeValidator.NODE, _ -> {
                    throw new StackOverflowError();
                })).isInstanceOf(StackOverflowError.class);
        assertThat(store.blocks().releaseLostLocks()).isZero();
        store.abort();
        store.transactions().shadow(store.root(0).block(), NodeValidator.NODE, ChildReferences.NONE)
                .close();
    }
}

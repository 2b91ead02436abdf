package io.pdata.core.mistakes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.array.ArrayCursor;
import io.pdata.core.array.ArrayReader;
import io.pdata.core.array.PersistentArray;
import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.BTree;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.Cursor;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.btree.ValueType;
import io.pdata.core.testing.TestStore;
import io.pdata.core.transaction.ReadView;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cursor that is used for too long says so at once; a writer never waits for one that has been forgotten. */
@Timeout(50) // a lock is waited for a minute
class CursorsTest {
    private static final int ENTRIES = 5000;

    private final TestStore store = TestStore.format(500);
    private final BTree tree = new BTree(store.transactions(), 1, ValueType.plain(8));
    private final PersistentArray array = new PersistentArray(store.transactions(), ValueType.plain(8));

    @BeforeEach
    void fill() {
        store.root(0).moveTo(tree.empty().block());
        for (int key = 0; key < ENTRIES; key++) {
            tree.insertLong(store.root(0), key, key);
        }
        store.root(1).moveTo(array.create(ENTRIES, (i, block, at) -> block.set(Bytes.U64, at, i)).block());
        store.commit();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void changeAndCommitOften() {
        for (int i = 0; i < 300; i++) {
            tree.insertLong(store.root(0), i * 17 % ENTRIES, i);
            store.commit();
        }
    }

    private static void assertExpired(Cursor cursor, String reason) {
        assertThatThrownBy(cursor::next).isInstanceOf(IllegalStateException.class).hasMessageContaining(reason);
        assertThatThrownBy(cursor::valid).isInstanceOf(IllegalStateException.class).hasMessageContaining(reason);
        assertThatThrownBy(cursor::key).isInstanceOf(IllegalStateException.class).hasMessageContaining(reason);
        assertThatThrownBy(cursor::block).isInstanceOf(IllegalStateException.class);
        cursor.close();
        cursor.close();
    }

    @Test
    void aCursorEndsWithItsView() {
        ReadView<long[]> view = store.openView();
        Cursor first = new BTreeReader(view, 1, 8).cursor(view.roots()[0]);
        Cursor second = new BTreeReader(view, 1, 8).cursor(view.roots()[0]);
        second.skip(2000);
        view.close();
        changeAndCommitOften();
        assertExpired(first, "the view that this cursor reads has been closed");
        assertExpired(second, "view");
        assertThatThrownBy(() -> new BTreeReader(view, 1, 8).cursor(5)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aCursorThroughAnArrayEndsWithItsView() {
        ReadView<long[]> view = store.openView();
        ArrayCursor cursor = new ArrayReader(view, 8).cursor(view.roots()[1], ENTRIES);
        assertThat(cursor.longValue()).isZero();
        view.close();
        cursor.next();
        assertThatThrownBy(cursor::longValue).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
    }

    @Test
    void aTreeIsNotChangedUnderACursor() {
        for (boolean changedBefore : new boolean[]{false, true}) {
            if (changedBefore) {
                tree.insertLong(store.root(0), 3, 4);
            }
            try (Cursor cursor = tree.cursor(store.root(0).block())) {
                assertThatThrownBy(() -> tree.insertLong(store.root(0), 5, 6)).isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("under a cursor");
                assertThat(cursor.key()).isZero();
            }
            store.abort();
            try (Cursor cursor = tree.cursor(store.root(0).block())) {
                assertThatThrownBy(() -> tree.delete(store.root(0).block())).isInstanceOf(IllegalStateException.class);
                assertThat(cursor.next()).isTrue();
            }
            store.abort();
        }
        assertThatThrownBy(() -> tree.walk(store.root(0).block(), (key, _, _) -> tree.remove(store.root(0), key)))
                .isInstanceOf(IllegalStateException.class);
        store.abort();
    }

    @Test
    void anotherTreeMayBeChangedMeanwhile() {
        TreeRoot copy = tree.empty();
        tree.walk(store.root(0).block(), (key, leaf, at) -> {
            tree.insertLong(copy, key, leaf.get(Bytes.U64, at));
            return true;
        });
        store.root(2).moveTo(copy.block());
        store.commit();
        assertThat(tree.highestKey(store.root(2).block())).hasValue(ENTRIES - 1);
    }

    @Test
    void anArrayIsNotChangedUnderAWalk() {
        for (boolean changedBefore : new boolean[]{false, true}) {
            if (changedBefore) {
                array.setLong(store.root(1), 0, 1);
            }
            assertThatThrownBy(() -> array.walk(store.root(1).block(), (index, _, _) -> {
                array.setLong(store.root(1), index, 7);
                return true;
            })).isInstanceOf(IllegalStateException.class);
            store.abort();
        }
    }

    @Test
    void aCursorThroughAnArrayThatHasMovedFails() {
        ArrayCursor cursor = array.cursor(store.root(1).block(), ENTRIES);
        assertThat(cursor.longValue()).isZero();
        array.setLong(store.root(1), 4000, 7);
        cursor.skip(4000);
        assertThatThrownBy(cursor::longValue).hasMessageContaining("stale root");
    }

    @Test
    void aCursorEndsWithItsTransaction() {
        tree.insertLong(store.root(0), 3, 4);
        Cursor cursor = tree.cursor(store.root(0).block());
        store.commit();
        changeAndCommitOften();
        assertExpired(cursor, "committed");
        tree.insertLong(store.root(0), 3, 4);
        Cursor other = tree.cursor(store.root(0).block());
        store.abort();
        assertExpired(other, "rolled back");
        changeAndCommitOften();
    }

    @Test
    void aBlockThatIsReadHereCannotBeChangedHere() {
        long root = store.root(0).block();
        tree.insertLong(store.root(0), 3, 4);
        root = store.root(0).block();
        Block read = store.transactions().readLock(root, NodeValidator.NODE);
        assertThatThrownBy(() -> tree.insertLong(store.root(0), 3, 5)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("block " + root + " (btree node)").hasMessageContaining("locked for reading");
        read.close();
        assertThatThrownBy(read::close).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("released already");
        store.abort();
        Block written = store.transactions().newBlock(NodeValidator.NODE);
        long number = written.number();
        assertThatThrownBy(() -> store.transactions().readLock(number, NodeValidator.NODE))
                .hasMessageContaining("has it locked");
        written.close();
        assertThatThrownBy(written::close).isInstanceOf(IllegalStateException.class);
        store.abort();
    }

    @Test
    void aStaleRootCannotBeChangedOrWalked() {
        long stale = store.root(0).block();
        tree.insertLong(store.root(0), 3, 4);
        assertThatThrownBy(() -> tree.cursor(stale)).hasMessageContaining("stale root");
        assertThatThrownBy(() -> tree.insertLong(new TreeRoot(stale), 3, 4)).hasMessageContaining("stale root");
        store.abort();
        tree.delete(store.root(0).block());
        assertThatThrownBy(() -> tree.insertLong(store.root(0), 3, 4)).isInstanceOf(RuntimeException.class);
        store.abort();
        TreeRoot made = tree.empty();
        tree.delete(made.block());
        assertThatThrownBy(() -> tree.insertLong(made, 3, 4)).as("free, and of this transaction")
                .hasMessageContaining("stale root");
        store.abort();
    }

    @Test
    void aRootOfATransactionThatWasRolledBackIsRefused() {
        TreeRoot made = tree.empty();
        tree.insertLong(made, 1, 1);
        store.abort();
        assertThatThrownBy(() -> tree.insertLong(made, 1, 1)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("rolled back");
        assertThat(store.transactions().failed()).isFalse();
    }

    @Test
    void aRootOfAnotherStoreOrKindIsRefused() {
        try (TestStore other = TestStore.format(100)) {
            BTree there = new BTree(other.transactions(), 1, ValueType.plain(8));
            TreeRoot foreign = there.empty();
            assertThatThrownBy(() -> tree.insertLong(foreign, 1, 1)).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("another store");
            assertThat(store.transactions().failed()).isFalse();
        }
        BTree wide = new BTree(store.transactions(), 1, ValueType.plain(16));
        assertThatThrownBy(
                () -> wide.lookup(store.root(0).block(), 1, java.lang.foreign.MemorySegment.ofArray(new byte[16])))
                .hasMessageContaining("values of 16 bytes");
        long map = store.spaceMap().root().bitmapRoot();
        for (long wrong : new long[]{0, map, -1, 1 << 20, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> tree.insertLong(new TreeRoot(wrong), 1, 1)).isInstanceOf(RuntimeException.class);
            store.abort();
            assertThatThrownBy(() -> tree.lookupLong(wrong, 1, 0)).isInstanceOf(RuntimeException.class);
            assertThatThrownBy(() -> array.getLong(wrong, 1)).isInstanceOf(RuntimeException.class);
        }
        assertThatThrownBy(() -> array.getLong(store.root(0).block(), 1)).as("a tree, and no array")
                .isInstanceOf(RuntimeException.class);
    }

    @Test
    void aClosedStoreRefusesChanges() {
        TestStore other = TestStore.format(100);
        BTree there = new BTree(other.transactions(), 1, ValueType.plain(8));
        TreeRoot root = there.empty();
        other.close();
        assertThatThrownBy(() -> there.insertLong(root, 1, 1)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the store has been closed");
        assertThatThrownBy(other::commit).isInstanceOf(IllegalStateException.class);
    }
}

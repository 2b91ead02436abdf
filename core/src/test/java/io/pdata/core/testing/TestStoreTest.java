package io.pdata.core.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.btree.BTree;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.ValueType;
import org.junit.jupiter.api.Test;

class TestStoreTest {

    @Test
    void aTreeSurvivesCommitAndReopenAndLosesWhatWasAborted() {
        try (TestStore store = TestStore.format(128)) {
            BTree tree = new BTree(store.transactions(), 1, ValueType.plain(8));
            store.root(0).moveTo(tree.empty().block());
            tree.insertLong(store.root(0), 1, 10);
            store.commit();
            tree.insertLong(store.root(0), 1, 20);
            store.abort();
            assertThat(tree.lookupLong(store.root(0).block(), 1, -1)).isEqualTo(10);
            store.reopen();
            BTreeReader reader = new BTreeReader(store.transactions(), 1, 8);
            assertThat(reader.lookupLong(store.root(0).block(), 1, -1)).isEqualTo(10);
            store.verify(references -> references.tree(store.root(0), 1));
        }
    }

    /** Were this to pass, every test that ends in verify would be worthless. */
    @Test
    void verifyFailsForABlockThatNothingRefersTo() {
        try (TestStore store = TestStore.format(128)) {
            store.transactions().spaceMap().newBlock();
            store.commit();
            assertThatThrownBy(() -> store.verify(references -> {})).isInstanceOf(AssertionError.class)
                    .hasMessageContaining("counts of the metadata blocks");
        }
    }

    @Test
    void verifyFailsForADataBlockThatNothingRefersTo() {
        try (TestStore store = TestStore.format(128, 100)) {
            store.commit();
            store.dataMap().newBlock();
            store.commit();
            assertThatThrownBy(() -> store.verify(references -> {})).isInstanceOf(AssertionError.class)
                    .hasMessageContaining("counts of the data blocks");
        }
    }
}

package io.pdata.core.spacemap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.space.SpaceMapRoot;
import io.pdata.core.testing.TestStore;
import io.pdata.core.transaction.ReadView;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Counts out of the last commit, while the next transaction changes them. */
class CountReaderTest {
    private static final long EPB = BitmapBlock.ENTRIES;

    private final TestStore store = TestStore.format(40_000, 3 * EPB);

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void exactlyOneReferenceIsNeitherNoneNorTwoNorMany() {
        DiskSpaceMap map = store.dataMap();
        long[] withOne = {0, 7, EPB - 1, EPB + 1, 2 * EPB + 5, 3 * EPB - 1};
        for (long block : withOne) {
            map.inc(block);
            for (int i = 0; i < 2; i++) {
                map.inc(block == 0 ? 1 : block - 1);
            }
        }
        for (int i = 0; i < 5; i++) {
            map.inc(100);
        }
        store.commit();
        store.reopen(); // so that the first look at a bitmap finds it in no cache, and the others do
        map = store.dataMap();
        try (ReadView<long[]> view = store.openView()) {
            CountReader counts = CountReader.ofData(view, map.root());
            map.dec(0);
            map.inc(7);
            store.commit();
            for (long block : withOne) {
                assertThat(counts.isOne(block)).as("block %d", block).isTrue();
                assertThat(counts.isOne(block == 0 ? 1 : block - 1)).as("beside block %d", block).isFalse();
            }
            assertThat(counts.isOne(100)).as("five").isFalse();
            assertThat(counts.isOne(50)).as("none").isFalse();
        }
    }

    @Test
    void metadataBlocksAreCountedAsTheMapCountsThem() {
        store.root(0).moveTo(store.transactions().spaceMap().newBlock());
        for (int i = 0; i < 30_000; i++) {
            store.spaceMap().newBlock();
        }
        store.spaceMap().inc(20_000);
        store.commit();
        try (ReadView<long[]> view = store.openView()) {
            CountReader counts = CountReader.ofMetadata(view, store.spaceMap().root());
            for (long block = 0; block < 40_000; block++) {
                assertThat(counts.isOne(block)).as("block %d", block).isEqualTo(store.spaceMap().count(block) == 1);
            }
        }
    }

    @Test
    void blocksThatAreNotCountedAreNamed() {
        try (ReadView<long[]> view = store.openView()) {
            CountReader counts = CountReader.ofData(view, store.dataMap().root());
            for (long outside : new long[]{-1, 3 * EPB}) {
                assertThatThrownBy(() -> counts.isOne(outside)).isInstanceOf(CorruptionException.class)
                        .hasMessageContaining("is not one of the " + 3 * EPB + " blocks that are counted");
            }
        }
    }

    /** A superblock that says that there are more blocks than the index knows. */
    @Test
    void aMapWhoseIndexEndsTooEarly() {
        SpaceMapRoot root = store.dataMap().root();
        SpaceMapRoot longer = new SpaceMapRoot(4 * EPB, root.allocated(), root.bitmapRoot(), root.overflowRoot());
        SpaceMapRoot metadata = store.spaceMap().root();
        SpaceMapRoot huge = new SpaceMapRoot((IndexBlock.ENTRIES + 1) * EPB, metadata.allocated(),
                metadata.bitmapRoot(), metadata.overflowRoot());
        try (ReadView<long[]> view = store.openView()) {
            assertThatThrownBy(() -> CountReader.ofData(view, longer).isOne(3 * EPB))
                    .isInstanceOf(CorruptionException.class).hasMessageContaining("its index has no bitmap 3");
            assertThatThrownBy(() -> CountReader.ofMetadata(view, huge).isOne(IndexBlock.ENTRIES * EPB))
                    .isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("its index has no bitmap " + IndexBlock.ENTRIES);
        }
    }
}

package io.pdata.core.spacemap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.pdata.core.btree.BTree;
import io.pdata.core.btree.ValueType;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.testing.TestStore;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DiskSpaceMapTest {
    private static final int BITMAPS = 200;

    /** More bitmaps than the index cache has slots: entries go out and come back in the middle of a transaction. */
    @Test
    void aMapWithManyBitmapsKeepsAllEntries() {
        try (TestStore store = TestStore.format(2000, (long) BITMAPS * BitmapBlock.ENTRIES)) {
            Set<Long> owned = new HashSet<>();
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < BITMAPS; i++) {
                    long block = (i * 67L % BITMAPS) * BitmapBlock.ENTRIES + round;
                    store.dataMap().inc(block);
                    owned.add(block);
                }
                store.commit();
                store.verify(references -> owned.forEach(references::data));
            }
            for (int i = 0; i < BITMAPS; i++) {
                assertThat(store.dataMap().count((long) i * BitmapBlock.ENTRIES + 2)).isEqualTo(1);
                assertThat(store.dataMap().count((long) i * BitmapBlock.ENTRIES + 3)).isZero();
            }
        }
    }

    /** Section 5.1: the tree changes when a slot is wanted for another entry, and at commit; not at each change. */
    @Test
    void anIndexEntryIsWrittenWhenAnotherWantsItsSlot() {
        try (TestStore store = TestStore.format(200)) {
            BTree tree = new BTree(store.transactions(), 1, ValueType.plain(IndexEntry.SIZE));
            MemorySegment entry = MemorySegment.ofArray(new byte[IndexEntry.SIZE]);
            long root = tree.empty().block();
            IndexCache cache = new IndexCache(tree);
            cache.open(root);
            for (int i = 0; i < 64; i++) {
                cache.save(i, 100 + i, 0, 0);
            }
            assertThat(tree.lowestKey(cache.root())).as("64 entries fit").isEmpty();
            cache.save(64 + 5, 100, 0, 0);
            assertThat(tree.lookup(cache.root(), 5, entry)).as("the one in the same slot is written").isTrue();
            assertThat(tree.lookup(cache.root(), 64 + 5, entry)).as("the new one is not").isFalse();
            assertThat(IndexEntry.location(cache.entries(), cache.load(5))).isEqualTo(105);
            assertThat(tree.lookup(cache.root(), 64 + 5, entry)).as("reading evicts, too").isTrue();
            assertThat(tree.lookup(cache.root(), 6, entry)).isFalse();
            cache.writeAll();
            for (int i = 0; i < 64; i++) {
                assertThat(tree.lookup(cache.root(), i, entry)).isTrue();
                assertThat(IndexEntry.location(entry, 0)).isEqualTo(100 + i);
            }
        }
    }

    @Test
    void anExtensionShowsAfterTheNextCommit() {
        try (TestStore store = TestStore.format(200, 100)) {
            store.dataMap().extend(50);
            assertThat(store.dataMap().blocks()).isEqualTo(100);
            assertThat(store.dataMap().free()).isEqualTo(100);
            store.commit();
            assertThat(store.dataMap().blocks()).isEqualTo(150);
            assertThat(store.dataMap().free()).isEqualTo(150);
        }
    }

    /** Those that a transaction has both taken and freed were free before, too. */
    @Test
    void aCommitTellsWhatItHasFreed() {
        try (TestStore store = TestStore.format(200, 3L * BitmapBlock.ENTRIES)) {
            DiskSpaceMap map = store.dataMap();
            long last = 3L * BitmapBlock.ENTRIES - 1;
            for (long block : new long[]{0, 5, 6, BitmapBlock.ENTRIES, last}) {
                map.inc(block);
            }
            map.inc(6);
            List<Long> freed = new ArrayList<>();
            map.onFreed(freed::add);
            store.commit();
            assertThat(freed).isEmpty();
            for (long block : new long[]{last, BitmapBlock.ENTRIES, 6, 5, 0}) {
                map.dec(block);
            }
            map.inc(9);
            map.dec(9);
            map.inc(10);
            store.commit();
            assertThat(freed).containsExactly(0L, 5L, (long) BitmapBlock.ENTRIES, last);
            store.commit();
            assertThat(freed).as("told once").hasSize(4);
        }
    }

    @Test
    void theLastBlockCanBeAllocatedWhereTheSearchBegins() {
        try (TestStore store = TestStore.format(200, 3)) {
            for (int i = 0; i < 3; i++) {
                assertThat(store.dataMap().newBlock()).isEqualTo(i);
            }
            store.dataMap().dec(0);
            store.commit();
            assertThat(store.dataMap().newBlock()).as("after going round").isZero();
        }
    }

    @Test
    void aFullMapSaysSoAndWhatWillBeFreeAfterACommit() {
        try (TestStore store = TestStore.format(200, 100)) {
            for (int i = 0; i < 100; i++) {
                assertThat(store.dataMap().newBlock()).isEqualTo(i);
            }
            store.commit();
            store.dataMap().dec(10, 12);
            assertThatExceptionOfType(NoSpaceException.class).isThrownBy(store.dataMap()::newBlock).satisfies(e -> {
                assertThat(e.spaceMap()).isEqualTo("data space map");
                assertThat(e.free()).isEqualTo(2);
                assertThat(e.blocks()).isEqualTo(100);
            });
            store.commit();
            assertThat(store.dataMap().newBlock()).isEqualTo(10);
        }
    }

    /** Wherever an operation runs out of metadata, the last commit must be as it was. */
    @Test
    void outOfMetadataSpaceInTheMiddleLeavesTheLastCommitIntact() {
        for (int blocks = 16; blocks < 40; blocks++) {
            try (TestStore store = TestStore.format(blocks, 5L * BitmapBlock.ENTRIES)) {
                store.dataMap().inc(5, 9);
                store.commit();
                assertThatExceptionOfType(NoSpaceException.class).isThrownBy(() -> fillOverflowTree(store.dataMap()))
                        .satisfies(e -> assertThat(e.spaceMap()).isEqualTo("metadata space map"));
                store.abort();
                store.dataMap().dec(8);
                store.commit();
                store.verify(references -> {
                    for (long block = 5; block < 8; block++) {
                        references.data(block);
                    }
                });
            }
        }
    }

    /** Makes a tree of more than 40 blocks. */
    private static void fillOverflowTree(DiskSpaceMap map) {
        for (int i = 0; i < 3; i++) {
            map.inc(2L * BitmapBlock.ENTRIES - 4000, 2L * BitmapBlock.ENTRIES + 4000);
        }
    }
}

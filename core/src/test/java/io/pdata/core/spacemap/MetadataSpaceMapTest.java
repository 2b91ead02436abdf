package io.pdata.core.spacemap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.space.ReuseGuard;
import io.pdata.core.testing.TestStore;
import io.pdata.core.transaction.ReadView;
import io.pdata.core.transaction.TransactionManager;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MetadataSpaceMapTest {

    private static List<Long> allocateAll(MetadataSpaceMap map) {
        List<Long> blocks = new ArrayList<>();
        while (true) {
            try {
                blocks.add(map.newBlock());
            } catch (NoSpaceException e) {
                return blocks;
            }
        }
    }

    private static long[] counts(MetadataSpaceMap map) {
        return LongStream.range(0, map.blocks()).map(map::count).toArray();
    }

    private static void verify(TestStore store, List<Long> owned) {
        store.verify(references -> owned.forEach(references::first));
    }

    @Test
    void allocationGoesFromFrontToBackAndWrapsOnce() {
        try (TestStore store = TestStore.format(64)) {
            List<Long> owned = allocateAll(store.spaceMap());
            assertThat(owned).isSorted().hasSize(64 - 7);
            store.abort();
            long first = store.spaceMap().newBlock();
            store.spaceMap().dec(first);
            assertThat(store.spaceMap().newBlock()).as("not the one just freed: that comes after the wrap")
                    .isGreaterThan(first + 1);
            List<Long> rest = allocateAll(store.spaceMap());
            assertThat(rest.getLast()).isEqualTo(first);
        }
    }

    /** A block of the last commit must survive until the next one, or a roll-back would find it overwritten. */
    @Test
    void whatTheRunningTransactionFreesIsNotAllocatedBeforeItCommits() {
        try (TestStore store = TestStore.format(64)) {
            long block = store.spaceMap().newBlock();
            store.commit();
            store.spaceMap().dec(block);
            List<Long> owned = allocateAll(store.spaceMap());
            assertThat(owned).doesNotContain(block);
            store.spaceMap().dec(owned.removeLast());
            store.commit();
            verify(store, owned);
            assertThat(allocateAll(store.spaceMap())).contains(block);
        }
    }

    @Test
    void aFullMapSaysSoAndStaysConsistent() {
        try (TestStore store = TestStore.format(100)) {
            List<Long> owned = allocateAll(store.spaceMap());
            long[] before = counts(store.spaceMap());
            assertThat(before).as("every block is in use, or was in the last commit")
                    .satisfies(counts -> assertThat(LongStream.of(counts).filter(count -> count == 0)).hasSize(1));
            assertThatExceptionOfType(NoSpaceException.class).isThrownBy(store.spaceMap()::newBlock)
                    .satisfies(e -> {
                        assertThat(e.spaceMap()).isEqualTo("metadata space map");
                        assertThat(e.free()).isZero();
                        assertThat(e.blocks()).isEqualTo(100);
                    });
            assertThat(counts(store.spaceMap())).isEqualTo(before);
            store.spaceMap().dec(owned.removeFirst());
            store.commit();
            verify(store, owned);
        }
    }

    @Test
    void aFullMapCannotBeCommittedAndAFailedCommitCannotBeRepeated() {
        try (TestStore store = TestStore.format(100)) {
            List<Long> owned = allocateAll(store.spaceMap());
            assertThatThrownBy(store::commit).isInstanceOf(NoSpaceException.class);
            assertThatThrownBy(() -> store.spaceMap().dec(owned.getFirst())).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(store::commit).isInstanceOf(IllegalStateException.class);
            store.abort();
            store.commit();
            verify(store, List.of());
        }
    }

    @Test
    void afterRunningOutOfSpaceTheLastCommitIsThereAgain() {
        try (TestStore store = TestStore.format(100)) {
            long owned = store.spaceMap().newBlock();
            store.commit();
            long[] before = counts(store.spaceMap());
            allocateAll(store.spaceMap());
            store.abort();
            assertThat(counts(store.spaceMap())).isEqualTo(before);
            store.spaceMap().inc(owned);
            store.commit();
            verify(store, List.of(owned, owned));
        }
    }

    /** The kernel would give the same block to the caller and to the copy of the bitmap. */
    @Test
    void theLastFreeBlockIsNotHandedOutTwice() {
        try (TestStore store = TestStore.format(64)) {
            ReadView<long[]> view = store.openView();
            long last = 63;
            store.spaceMap().inc(8, last);
            store.commit();
            assertThatThrownBy(store.spaceMap()::newBlock).isInstanceOf(NoSpaceException.class);
            assertThat(store.spaceMap().count(last)).isZero();
            view.close();
            long block = store.spaceMap().newBlock();
            assertThat(block).isEqualTo(last);
            store.commit();
            verify(store, LongStream.rangeClosed(8, last).boxed().toList());
        }
    }

    /** The second bitmap needs a copy to record where the copy of the first one is, and there is no room for it. */
    @Test
    void anAllocationTheConsequencesOfWhichDoNotFitHasNotHappened() {
        long second = BitmapBlock.ENTRIES + 10;
        try (TestStore store = TestStore.format(BitmapBlock.ENTRIES + 50)) {
            MetadataSpaceMap map = store.spaceMap();
            ReadView<long[]> view = store.openView();
            long from = LongStream.range(0, 100).filter(block -> map.count(block) == 0)
                    .filter(block -> block > 4).findFirst().orElseThrow();
            map.inc(from + 3, 100);
            map.inc(101, second);
            map.inc(second + 1, map.blocks());
            store.commit();
            assertThat(map.count(100) + map.count(second)).isZero();
            long free = map.free();
            assertThatThrownBy(map::newBlock).isInstanceOf(NoSpaceException.class);
            assertThat(map.count(100)).as("count of the block that was not handed out").isZero();
            assertThat(map.free()).as("free blocks, but for the copy of the first bitmap").isEqualTo(free - 1);
            assertThatThrownBy(map::newBlock).isInstanceOf(NoSpaceException.class);
            assertThatThrownBy(store::commit).isInstanceOf(NoSpaceException.class);
            store.abort();
            view.close();
            assertThat(map.newBlock()).isLessThan(100);
        }
    }

    @Test
    void whatAnOpenViewSeesIsNotReusedBeforeItCloses() {
        try (TestStore store = TestStore.format(64)) {
            long block = store.spaceMap().newBlock();
            store.commit();
            ReadView<long[]> view = store.openView();
            store.spaceMap().dec(block);
            store.commit();
            List<Long> whileOpen = allocateAll(store.spaceMap());
            assertThat(whileOpen).doesNotContain(block);
            view.close();
            assertThat(allocateAll(store.spaceMap())).contains(block);
        }
    }

    /** A view opened after the block was freed does not see it. */
    @Test
    void aLaterViewHoldsNothingBack() {
        try (TestStore store = TestStore.format(64)) {
            long block = store.spaceMap().newBlock();
            store.commit();
            store.spaceMap().dec(block);
            store.commit();
            try (ReadView<long[]> view = store.openView()) {
                assertThat(view.roots()).hasSize(TestStore.ROOTS);
                assertThat(allocateAll(store.spaceMap())).contains(block);
            }
        }
    }

    @Test
    void afterOpeningAllocationBeginsAtTheFrontAgain() {
        try (TestStore store = TestStore.format(64)) {
            long first = store.spaceMap().newBlock();
            store.spaceMap().dec(first);
            store.spaceMap().newBlock();
            store.commit();
            store.reopen();
            assertThat(store.spaceMap().newBlock()).isLessThanOrEqualTo(first);
        }
    }

    @Test
    void lowSpaceIsReportedOnceUntilThereHasBeenMoreAgain() {
        try (TestStore store = TestStore.format(64)) {
            List<Long> calls = new ArrayList<>();
            MetadataSpaceMap map = store.spaceMap();
            map.onLowSpace(20, () -> calls.add(map.free()));
            List<Long> owned = new ArrayList<>();
            while (map.free() > 21) {
                owned.add(map.newBlock());
            }
            assertThat(calls).isEmpty();
            owned.add(map.newBlock());
            assertThat(calls).containsExactly(20L);
            owned.add(map.newBlock());
            assertThat(calls).hasSize(1);
            owned.subList(10, owned.size()).forEach(map::dec);
            store.commit();
            map.newBlock();
            assertThat(calls).as("enough again").hasSize(1);
            allocateAll(map);
            assertThat(calls).hasSize(2);
        }
    }

    @Test
    void growingWithinABitmapTakesNothingForItself() {
        try (TestStore store = TestStore.format(64)) {
            long allocated = store.spaceMap().root().allocated();
            store.grow(100);
            assertThat(store.spaceMap().blocks()).isEqualTo(164);
            store.commit();
            assertThat(store.spaceMap().root().allocated()).isEqualTo(allocated);
            assertThat(store.spaceMap().newBlock()).as("allocation goes on in the new area").isEqualTo(64);
            verify(store, List.of());
        }
    }

    /** Section 5.8: everything that growing needs comes from the new area, also if the old one is full. */
    @Test
    void aFullMapCanGrowAcrossABitmapBoundary() {
        try (TestStore store = TestStore.format(BitmapBlock.ENTRIES)) {
            List<Long> owned = allocateAll(store.spaceMap());
            store.grow(3 * BitmapBlock.ENTRIES);
            owned.add(store.spaceMap().newBlock());
            store.commit();
            assertThat(store.spaceMap().root().blocks()).isEqualTo(4 * BitmapBlock.ENTRIES);
            verify(store, owned);
            store.reopen();
            owned.add(store.spaceMap().newBlock());
            store.commit();
            verify(store, owned);
        }
    }

    @Test
    void aNewAreaThatIsTooSmallForItsOwnBitmapIsRefused() {
        try (TestStore store = TestStore.format(BitmapBlock.ENTRIES)) {
            long[] before = counts(store.spaceMap());
            store.spaceMap().newBlock();
            assertThatThrownBy(() -> store.grow(1)).isInstanceOf(NoSpaceException.class);
            assertThatThrownBy(store::commit).as("a half-grown map must not be committed")
                    .isInstanceOf(IllegalStateException.class);
            store.abort();
            assertThat(counts(store.spaceMap())).isEqualTo(before);
        }
    }

    @Test
    void moreBlocksThanTheIndexBlockHasRoomForAreRefused() {
        try (TestStore store = TestStore.format(MetadataSpaceMap.MAX_BLOCKS + 10)) {
            assertThat(store.spaceMap().blocks()).isEqualTo(255L * 16320);
            assertThatIllegalArgumentException().isThrownBy(() -> store.spaceMap().extend(1));
            assertThat(store.spaceMap().newBlock()).isEqualTo(260);
        }
    }

    @Test
    void aDeviceTooSmallForAMapIsRefused() {
        assertThatThrownBy(() -> TestStore.format(3)).isInstanceOf(NoSpaceException.class);
        TestStore.format(6).close();
    }

    @Test
    void takingAReferenceThatIsNotThereIsCorruptionAndCannotBeCommitted() {
        try (TestStore store = TestStore.format(64)) {
            store.spaceMap().newBlock();
            assertThatThrownBy(() -> store.spaceMap().dec(60)).isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("count of 0");
            assertThatThrownBy(store::commit).isInstanceOf(IllegalStateException.class);
            store.abort();
            store.commit();
            verify(store, Collections.emptyList());
        }
    }

    @Test
    void blocksOutsideTheMapAreCorruption() {
        try (TestStore store = TestStore.format(64)) {
            MetadataSpaceMap map = store.spaceMap();
            for (long block : new long[]{64, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
                assertThatThrownBy(() -> map.count(block)).isInstanceOf(CorruptionException.class);
                assertThatThrownBy(() -> map.isShared(block)).isInstanceOf(CorruptionException.class);
                assertThatThrownBy(() -> map.inc(block)).isInstanceOf(CorruptionException.class);
                assertThatThrownBy(() -> map.dec(block)).isInstanceOf(CorruptionException.class);
            }
        }
    }

    /** Bitmaps are copied once in a transaction, so what they cost does not depend on the number of operations. */
    @Test
    void aTransactionCopiesEachBitmapOnce() {
        try (TestStore store = TestStore.format(4000)) {
            long allocated = store.spaceMap().root().allocated();
            for (int i = 0; i < 1000; i++) {
                store.spaceMap().newBlock();
            }
            assertThat(store.spaceMap().free()).as("1000 blocks and one bitmap")
                    .isEqualTo(4000 - allocated - 1001);
        }
    }

    @Test
    void theMapIsMadeByTheTransactionManagerThatItNeeds() {
        try (TestStore store = TestStore.format(64)) {
            TransactionManager other = new TransactionManager(store.blocks(), new ReuseGuard(),
                    manager -> new MetadataSpaceMap(manager, new ReuseGuard()));
            other.spaceMap().reload(store.spaceMap().root());
            assertThat(other.count(0)).isEqualTo(1);
        }
    }
}

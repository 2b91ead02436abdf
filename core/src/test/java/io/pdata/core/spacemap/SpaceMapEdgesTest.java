package io.pdata.core.spacemap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.CorruptionException;
import io.pdata.core.space.NoSpaceException;
import io.pdata.core.space.SpaceMap;
import io.pdata.core.testing.TestStore;
import io.pdata.core.transaction.ReadView;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The first and last of everything that a space map counts, and one beyond. */
class SpaceMapEdgesTest {
    private static final int EPB = BitmapBlock.ENTRIES;

    private final TestStore store = TestStore.format(100, 3 * EPB);
    private final SpaceMap data = store.dataMap();
    private final MetadataSpaceMap metadata = store.spaceMap();

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void theirNamesAreSaidInErrors() {
        assertThat(metadata.name()).isEqualTo("metadata space map");
        assertThat(data.name()).isEqualTo("data space map");
    }

    @Test
    void aBlockOutsideIsNamed() {
        long end = data.blocks();
        assertThatThrownBy(() -> data.count(-1)).isInstanceOf(CorruptionException.class)
                .hasMessageContaining("block 18446744073709551615 (data space map)");
        assertThatThrownBy(() -> data.count(end)).hasMessageContaining("block " + end + " (data space map)");
        assertThatThrownBy(() -> data.inc(end, end + 5)).hasMessageContaining("block " + end + " (");
        assertThatThrownBy(() -> data.inc(end - 1, end + 1)).hasMessageContaining("block " + end + " (");
        assertThatThrownBy(() -> data.inc(5, 4)).isInstanceOf(CorruptionException.class);
    }

    @Test
    void anEmptyRangeChangesNothing() {
        data.inc(5, 5);
        data.dec(5, 5);
        data.inc(data.blocks(), data.blocks());
        assertThat(data.count(5)).isZero();
    }

    @Test
    void theLastBlockCanBeCounted() {
        long last = data.blocks() - 1;
        data.inc(last);
        store.commit();
        assertThat(data.count(last)).isEqualTo(1);
        assertThat(data.free()).isEqualTo(last);
    }

    /** Of a full bitmap the index says that nothing is free before its end, and of an empty one that all of it is. */
    @Test
    void aBitmapMayBeFullAndMayBeEmpty() {
        data.inc(0, EPB);
        store.commit();
        data.dec(5);
        store.commit();
        assertThat(data.newBlock()).isEqualTo(5);
        data.dec(0, EPB);
        store.commit();
        assertThat(data.free()).isEqualTo(data.blocks());
        data.inc(0, EPB);
        assertThat(data.newBlock()).isEqualTo(EPB);
    }

    @Test
    void aFullDataMapIsSearchedToItsEndAndNotBeyond() {
        data.inc(0, data.blocks());
        store.commit();
        assertThatThrownBy(data::newBlock).isInstanceOf(NoSpaceException.class)
                .hasMessageContaining("(0 of " + 3 * EPB + " blocks free)");
    }

    @Test
    void aMapDoesNotShrinkOrGrowBeyondWhatCanBeCounted() {
        assertThatIllegalArgumentException().isThrownBy(() -> data.extend(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> data.extend(Long.MAX_VALUE));
        assertThatIllegalArgumentException().isThrownBy(() -> metadata.extend(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> metadata.extend(1)).withMessageContaining("by up to 0");
    }

    @Test
    void theDevicesGrowthCanBeUsedUpAndNoMore() {
        store.device().resize(150 * 4096, false);
        store.blocks().resize();
        assertThatIllegalArgumentException().isThrownBy(() -> metadata.extend(51)).withMessageContaining("by up to 50");
        metadata.extend(50);
        store.commit();
        assertThat(metadata.blocks()).isEqualTo(150);
    }

    @Test
    void aNewMapHasAtLeastOneBlock() {
        assertThatIllegalArgumentException().isThrownBy(() -> metadata.format(0));
        assertThatIllegalArgumentException().isThrownBy(() -> metadata.format(MetadataSpaceMap.MAX_BLOCKS + 1));
        assertThatThrownBy(() -> metadata.format(1)).isInstanceOf(NoSpaceException.class);
    }

    /** A map that is made anew remembers nothing of the one that was there, and is as if committed. */
    @Test
    void aMapCanBeMadeAnew() {
        metadata.inc(50, 60);
        metadata.format(100);
        assertThat(metadata.count(50)).isZero();
        assertThat(metadata.root().blocks()).isEqualTo(100);
        long used = metadata.root().allocated();
        assertThat(metadata.free()).isEqualTo(100 - used);
        assertThat(metadata.newBlock()).isEqualTo(used);
    }

    @Test
    void anAllocationOnBehalfOfTheMapItselfCanRunItLow() {
        metadata.inc(50);
        store.commit();
        int[] calls = new int[1];
        metadata.onLowSpace(metadata.free() - 1, () -> calls[0]++);
        metadata.inc(50); // copies the bitmap
        assertThat(calls[0]).isEqualTo(1);
    }

    @Test
    void whoeverAsksAnewIsToldAnew() {
        int[] calls = new int[2];
        metadata.onLowSpace(metadata.blocks(), () -> calls[0]++);
        metadata.newBlock();
        metadata.onLowSpace(metadata.blocks(), () -> calls[1]++);
        metadata.newBlock();
        metadata.newBlock();
        assertThat(calls).containsExactly(1, 1);
    }

    /** What was allocated and freed after the view was opened, the view cannot see. */
    @Test
    void aBlockYoungerThanAnOpenViewIsUsedAgain() {
        ReadView<long[]> view = store.openView();
        long block = metadata.newBlock();
        store.commit();
        metadata.dec(block);
        store.commit();
        List<Long> rest = new ArrayList<>();
        assertThatThrownBy(() -> {
            while (true) {
                rest.add(metadata.newBlock());
            }
        }).isInstanceOf(NoSpaceException.class);
        assertThat(rest).contains(block);
        view.close();
    }

    @Test
    void theFirstDataBlockCanBeTheLastFreeOne() {
        data.newBlock();
        data.inc(1, data.blocks());
        store.commit();
        data.dec(0);
        store.commit();
        assertThat(data.newBlock()).isZero();
    }

    @Test
    void anAllocationThatFailedLeavesAsManyFreeAsThereWere() {
        try (TestStore small = TestStore.format(64)) {
            ReadView<long[]> view = small.openView();
            small.spaceMap().inc(8, 63);
            small.commit();
            long free = small.spaceMap().free();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(small.spaceMap()::newBlock).isInstanceOf(NoSpaceException.class);
                assertThat(small.spaceMap().free()).isEqualTo(free);
            }
            view.close();
        }
    }

    /** More bitmaps than index entries are kept in memory: those of the last commit have to be found on disk. */
    @Test
    void whatIsFreedStaysUntouchedHoweverManyBitmapsWereLookedAtSince() {
        int bitmaps = 400;
        try (TestStore large = TestStore.format(1000, (long) bitmaps * EPB)) {
            SpaceMap map = large.dataMap();
            map.inc(0, EPB);
            large.commit();
            for (long bitmap = 1; bitmap < bitmaps; bitmap++) {
                map.count(bitmap * EPB);
            }
            map.inc((bitmaps - 1L) * EPB);
            large.commit();
            map.dec(5);
            assertThat(map.newBlock()).as("not 5, which the last commit still uses").isEqualTo(EPB);
        }
    }
}

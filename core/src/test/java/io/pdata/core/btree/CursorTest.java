package io.pdata.core.btree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Block;
import io.pdata.core.block.CorruptionException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {
    private static final int ENTRIES = 100_000;

    private final TreeLab lab = new TreeLab(2000);
    private final BTree btree = new BTree(lab.transactions, 1, ValueType.plain(8));
    private TreeRoot root = btree.empty();

    @AfterEach
    void close() {
        lab.close();
    }

    private void fill() {
        TreeBuilder builder = new TreeBuilder(lab.transactions, ValueType.plain(8));
        for (int i = 0; i < ENTRIES; i++) {
            builder.addLong(2L * i, i);
        }
        root = builder.finish();
    }

    /** Write-locking waits for readers, so this would hang on a lock that has been left behind. */
    private void nothingIsLocked() {
        for (long block = 1; lab.spaceMap.count(block) > 0; block++) {
            Block read = lab.blocks.tryReadLock(block, NodeValidator.NODE);
            if (read != null) {
                read.close();
                lab.blocks.writeLock(block, NodeValidator.NODE).close();
            }
        }
    }

    @Test
    void onAnEmptyTreeItIsAtTheEnd() {
        try (Cursor cursor = btree.cursor(root.block())) {
            assertThat(cursor.valid()).isFalse();
            assertThat(cursor.next()).isFalse();
            assertThat(cursor.skip(3)).isFalse();
            assertThatThrownBy(cursor::key).isInstanceOf(NoSuchElementException.class);
            assertThatThrownBy(cursor::longValue).isInstanceOf(NoSuchElementException.class);
            assertThatThrownBy(cursor::block).isInstanceOf(NoSuchElementException.class);
            MemorySegment target = MemorySegment.ofArray(new byte[8]);
            assertThatThrownBy(() -> cursor.value(target)).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void oneThatHasMetDamageHoldsNothing() {
        long good = lab.plant(NodeLayout.LEAF, new long[]{1}, new long[]{1});
        long bad = lab.plant(NodeLayout.INTERNAL, new long[0], new long[0]);
        long top = lab.plant(NodeLayout.INTERNAL, new long[]{1, 5}, new long[]{good, bad});
        Cursor cursor = btree.cursor(top);
        assertThatThrownBy(cursor::next).isInstanceOf(CorruptionException.class);
        assertThat(cursor.valid()).isFalse();
        nothingIsLocked();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 251, 252, 253, 1000, 63504, 99_999})
    void skippingLandsWhereAsManyStepsWould(int distance) {
        fill();
        try (Cursor cursor = btree.cursor(root.block())) {
            for (int at = 0; at < ENTRIES; at += distance) {
                assertThat(cursor.valid()).isTrue();
                assertThat(cursor.key()).isEqualTo(2L * at);
                assertThat(cursor.skip(distance)).isEqualTo(at + distance < ENTRIES);
            }
            assertThat(cursor.valid()).isFalse();
        }
        nothingIsLocked();
    }

    @Test
    void skippingNothingStays() {
        fill();
        try (Cursor cursor = btree.cursor(root.block())) {
            assertThat(cursor.skip(0)).isTrue();
            assertThat(cursor.key()).isZero();
        }
    }

    @Test
    void aClosedCursorHasReleasedItsPathAndSaysThatItIsOver() {
        fill();
        Cursor cursor = btree.cursor(root.block());
        cursor.skip(300);
        cursor.close();
        cursor.close();
        assertThat(cursor.valid()).isFalse();
        assertThat(cursor.next()).isFalse();
        nothingIsLocked();
    }

    @Test
    void walkingStopsWhenTheVisitorHasHadEnough() {
        fill();
        List<Long> keys = new ArrayList<>();
        btree.walk(root.block(), (key, _, _) -> {
            keys.add(key);
            return keys.size() < 400;
        });
        assertThat(keys).hasSize(400).endsWith(798L);
        nothingIsLocked();
    }

    /** Thin nodes of three entries may lose the last one; an ordered scan must not end there. */
    @Test
    void emptyLeavesInTheMiddleArePassedOver() {
        long[] none = {};
        long first = lab.plant(NodeLayout.LEAF, none, none);
        long second = lab.plant(NodeLayout.LEAF, new long[]{10, 11}, new long[]{1, 2});
        long third = lab.plant(NodeLayout.LEAF, none, none);
        long fourth = lab.plant(NodeLayout.LEAF, new long[]{30}, new long[]{3});
        long fifth = lab.plant(NodeLayout.LEAF, none, none);
        long top = lab.plant(NodeLayout.INTERNAL, new long[]{0, 10, 20, 30, 40},
                new long[]{first, second, third, fourth, fifth});
        List<Long> keys = new ArrayList<>();
        btree.walk(top, (key, _, _) -> keys.add(key));
        assertThat(keys).containsExactly(10L, 11L, 30L);
        assertThat(btree.lowestKey(top)).hasValue(10);
        assertThat(btree.highestKey(top)).hasValue(30);
        long[] next = {12};
        assertThat(btree.lookupNext(top, next, BTreeReader.NOWHERE)).isTrue();
        assertThat(next).containsExactly(30);
        next[0] = 31;
        assertThat(btree.lookupNext(top, next, BTreeReader.NOWHERE)).isFalse();
    }
}

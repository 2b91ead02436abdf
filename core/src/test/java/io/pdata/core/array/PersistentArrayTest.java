package io.pdata.core.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.block.Block;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.btree.ValueType;
import io.pdata.core.testing.TestStore;
import io.pdata.core.transaction.ReadView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PersistentArrayTest {
    private static final int PER_BLOCK = 1018;

    private final TestStore store = TestStore.format(400);
    private final PersistentArray ints = new PersistentArray(store.transactions(), ValueType.plain(4));
    private final MemorySegment value = MemorySegment.ofArray(new byte[4]);

    @AfterEach
    void close() {
        store.close();
    }

    private TreeRoot create(long size) {
        TreeRoot root = ints.create(size, (index, block, offset) -> block.set(Bytes.U32, offset, (int) (3 * index)));
        store.root(0).moveTo(root.block());
        return store.root(0);
    }

    private long blockOf(TreeRoot root, long key) {
        return new BTreeReader(store.transactions(), 1, 8).lookupLong(root.block(), key, -1);
    }

    private int entries(long block) {
        try (Block locked = store.transactions().readLock(block, ArrayBlock.VALIDATOR)) {
            return ArrayBlock.entries(locked.data());
        }
    }

    /** Section 10.1, byte by byte; above all that the own number is at 16 and the checksum's constant. */
    @Test
    void theBlockHasTheLayoutOfTheFormatDocument() {
        TreeRoot root = create(3);
        long number = blockOf(root, 0);
        store.commit();
        MemorySegment block = MemorySegment.ofArray(new byte[4096]);
        store.device().read(number * 4096, block);
        assertThat(block.get(Bytes.U32, 0)).isEqualTo(BlockValidator.rawChecksum(block) ^ 595846735);
        assertThat(block.get(Bytes.U32, 4)).as("max_entries").isEqualTo(1018);
        assertThat(block.get(Bytes.U32, 8)).as("nr_entries").isEqualTo(3);
        assertThat(block.get(Bytes.U32, 12)).as("value_size").isEqualTo(4);
        assertThat(block.get(Bytes.U64, 16)).as("block number").isEqualTo(number);
        assertThat(block.get(Bytes.U32, 28)).as("value 1").isEqualTo(3);
        assertThat(block.get(Bytes.U32, 32)).as("value 2").isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, PER_BLOCK - 1, PER_BLOCK, PER_BLOCK + 1, 3 * PER_BLOCK, 3 * PER_BLOCK + 500})
    void arraysOfAnySizeAreReadAsTheyWereMade(long size) {
        TreeRoot root = create(size);
        for (long i = 0; i < size; i++) {
            assertThat(ints.getInt(root.block(), i)).isEqualTo((int) (3 * i));
        }
        assertThat(ints.get(root.block(), size, value)).isFalse();
        store.commit();
        store.verify(references -> references.array(root));
    }

    /** The tail that the kernel leaves when an array shrinks to end just before it; the next growth replaces it. */
    @Test
    void shrinkingToTheBeginningOfTheLastBlockLeavesThatBlock() {
        TreeRoot root = create(PER_BLOCK + 10);
        ints.resize(root, PER_BLOCK + 10, PER_BLOCK, value);
        assertThat(entries(blockOf(root, 1))).isEqualTo(10);
        value.set(Bytes.U32, 0, 77);
        ints.resize(root, PER_BLOCK, PER_BLOCK + 5, value);
        assertThat(entries(blockOf(root, 1))).isEqualTo(5);
        assertThat(ints.getInt(root.block(), PER_BLOCK + 4)).isEqualTo(77);
        store.commit();
        store.verify(references -> references.array(root));
    }

    @Test
    void shrinkingByWholeBlocksDropsThem() {
        TreeRoot root = create(3 * PER_BLOCK + 10);
        ints.resize(root, 3 * PER_BLOCK + 10, PER_BLOCK, value);
        assertThat(blockOf(root, 1)).isEqualTo(-1);
        assertThat(entries(blockOf(root, 0))).isEqualTo(PER_BLOCK);
        store.commit();
        store.verify(references -> references.array(root));
    }

    @Test
    void entriesCutOffComeBackWithTheNewValue() {
        TreeRoot root = create(100);
        ints.resize(root, 100, 40, value);
        value.set(Bytes.U32, 0, 5);
        ints.resize(root, 40, 60, value);
        assertThat(ints.getInt(root.block(), 39)).isEqualTo(3 * 39);
        assertThat(ints.getInt(root.block(), 40)).isEqualTo(5);
        assertThat(ints.get(root.block(), 60, value)).isFalse();
    }

    @Test
    void resizingToTheSameSizeChangesNothing() {
        TreeRoot root = create(100);
        store.commit();
        long before = root.block();
        ints.resize(root, 100, 100, value);
        assertThat(root.block()).isEqualTo(before);
    }

    @Test
    void theBlocksOfATransactionAreCopiedOnce() {
        TreeRoot root = create(100);
        store.commit();
        ints.setInt(root, 1, 1);
        long block = blockOf(root, 0);
        long tree = root.block();
        ints.setInt(root, 2, 2);
        assertThat(blockOf(root, 0)).isEqualTo(block);
        assertThat(root.block()).isEqualTo(tree);
    }

    @Test
    void aViewStillSeesWhatItWasOpenedOn() {
        TreeRoot root = create(2000);
        store.commit();
        try (ReadView<long[]> view = store.openView()) {
            for (int i = 0; i < 2000; i++) {
                ints.setInt(root, i, -1);
            }
            store.commit();
            ints.delete(root.block());
            root.moveTo(0);
            store.commit();
            ArrayCursor cursor = new ArrayReader(view, 4).cursor(view.roots()[0], 2000);
            for (int i = 0; i < 2000; i++, cursor.next()) {
                assertThat(cursor.intValue()).isEqualTo(3 * i);
            }
        }
        store.verify(references -> {});
    }

    /** In the kernel up to 6.12, skipping across the end of a block lands on the wrong value. */
    @Test
    void skippingLandsWhereAsManyStepsWould() {
        long size = 5 * PER_BLOCK + 17;
        TreeRoot root = create(size);
        for (long step : new long[]{1, 2, 7, PER_BLOCK - 1, PER_BLOCK, PER_BLOCK + 1, 2 * PER_BLOCK + 3}) {
            ArrayCursor cursor = ints.cursor(root.block(), size);
            long at = 0;
            while (at < size) {
                assertThat(cursor.valid()).isTrue();
                assertThat(cursor.index()).isEqualTo(at);
                assertThat(cursor.intValue()).isEqualTo((int) (3 * at));
                at += step;
                assertThat(cursor.skip(step)).isEqualTo(at < size);
            }
            assertThat(cursor.index()).isEqualTo(size);
            assertThatThrownBy(cursor::intValue).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void aCursorOnNothingIsAtTheEnd() {
        ArrayCursor cursor = ints.cursor(ints.empty().block(), 0);
        assertThat(cursor.valid()).isFalse();
        assertThat(cursor.skip(Long.MAX_VALUE)).isFalse();
    }

    @Test
    void walkingStopsWhenTheVisitorHasSeenEnough() {
        TreeRoot root = create(3000);
        List<Long> seen = new ArrayList<>();
        ints.walk(root.block(), (index, block, offset) -> {
            seen.add(index);
            return index < 1500;
        });
        assertThat(seen).hasSize(1501).isSorted();
    }

    @Test
    void anArrayShorterThanItsOwnerSaysIsCorruption() {
        TreeRoot root = create(1500);
        assertThatThrownBy(() -> ints.getInt(root.block(), 1500)).isInstanceOf(CorruptionException.class)
                .hasMessageContaining("no value 1500");
        assertThatThrownBy(() -> ints.setInt(root, 5000, 1)).isInstanceOf(CorruptionException.class);
        ArrayCursor cursor = ints.cursor(root.block(), 2000);
        cursor.skip(PER_BLOCK);
        assertThatThrownBy(cursor::intValue).isInstanceOf(CorruptionException.class);
    }

    @Test
    void anArrayOfOtherValuesIsCorruption() {
        TreeRoot root = create(1500);
        ArrayReader longs = new ArrayReader(store.transactions(), 8);
        assertThatThrownBy(() -> longs.getLong(root.block(), 0)).isInstanceOf(CorruptionException.class)
                .hasMessageContaining("expected 509 of 8");
        assertThatIllegalArgumentException().isThrownBy(() -> ints.getLong(root.block(), 0));
    }

    @Test
    void headersThatCannotBeAreRefused() {
        int[][] fields = {{4, 1019}, {4, -1}, {8, 1019}, {8, -1}, {12, 0}, {12, 5000}, {12, -4}};
        TreeRoot root = create(10);
        long number = blockOf(root, 0);
        store.commit();
        for (int[] field : fields) {
            MemorySegment block = MemorySegment.ofArray(new byte[4096]);
            store.device().read(number * 4096, block);
            block.set(Bytes.U32, field[0], field[1]);
            ArrayBlock.VALIDATOR.prepare(block, number);
            assertThatThrownBy(() -> ArrayBlock.VALIDATOR.check(block, number)).as("%d at %d", field[1], field[0])
                    .isInstanceOf(CorruptionException.class).hasMessageContaining("claims to have");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 12, 100, 2036, 2037, 4072})
    void valuesOfAnySizeThatFitsABlock(int size) {
        PersistentArray array = new PersistentArray(store.transactions(), ValueType.plain(size));
        TreeRoot root = store.root(0);
        root.moveTo(array.create(50, (index, block, offset) -> block.set(
                ValueLayout.JAVA_BYTE, offset + size - 1, (byte) index)).block());
        MemorySegment bytes = MemorySegment.ofArray(new byte[size]);
        for (int i = 0; i < 50; i++) {
            assertThat(array.get(root.block(), i, bytes)).isTrue();
            assertThat(bytes.get(ValueLayout.JAVA_BYTE, size - 1)).isEqualTo((byte) i);
        }
        store.commit();
        store.verify(references -> references.array(root));
    }
}

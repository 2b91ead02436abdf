package io.pdata.core.bitset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pdata.core.array.ArrayReader;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.testing.TestStore;
import java.util.BitSet;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PersistentBitsetTest {
    /** Bits in one array block. */
    private static final int PER_BLOCK = 509 * 64;

    private final TestStore store = TestStore.format(400);
    private final PersistentBitset bitset = new PersistentBitset(store.transactions());
    private final TreeRoot root = store.root(0);

    @AfterEach
    void close() {
        store.close();
    }

    private static BitSet random(int bits, long seed) {
        BitSet set = new BitSet();
        Random random = new Random(seed);
        for (int i = 0; i < bits; i++) {
            set.set(i, random.nextInt(3) == 0);
        }
        return set;
    }

    private void commitAndCompare(BitSet model, int bits) {
        bitset.flush(root);
        store.commit();
        store.verify(references -> references.array(root));
        BitsetReader reader = new BitsetReader(store.transactions());
        BitsetCursor cursor = reader.cursor(root.block(), bits);
        for (int i = 0; i < bits; i++, cursor.next()) {
            if (cursor.value() != model.get(i)) {
                assertThat(cursor.value()).as("bit %d of %d", i, bits).isEqualTo(model.get(i));
            }
        }
        assertThat(cursor.valid()).isFalse();
        if (bits > 0) {
            assertThat(reader.test(root.block(), bits - 1)).isEqualTo(model.get(bits - 1));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 63, 64, 65, 1000, PER_BLOCK - 1, PER_BLOCK, PER_BLOCK + 1, 2 * PER_BLOCK + 64})
    void bitsetsOfAnySizeAreReadAsTheyWereMade(int bits) {
        BitSet model = random(bits, bits);
        root.moveTo(bitset.create(bits, bit -> model.get((int) bit)).block());
        commitAndCompare(model, bits);
    }

    @Test
    void randomSetsAndClearsAgreeWithABitSet() {
        int bits = 2 * PER_BLOCK + 100;
        BitSet model = new BitSet();
        root.moveTo(bitset.create(bits, _ -> false).block());
        Random random = new Random(1);
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 3000; i++) {
                int bit = random.nextInt(4) == 0 ? random.nextInt(bits) : i * 17 % bits;
                switch (random.nextInt(3)) {
                case 0 -> {
                    bitset.set(root, bit);
                    model.set(bit);
                }
                case 1 -> {
                    bitset.clear(root, bit);
                    model.clear(bit);
                }
                default -> assertThat(bitset.test(root, bit)).as("bit %d", bit).isEqualTo(model.get(bit));
                }
            }
            commitAndCompare(model, bits);
        }
    }

    @Test
    void resizingKeepsWhatIsThereAndFillsNewWords() {
        BitSet model = new BitSet();
        Random random = new Random(2);
        int[] places = {0, 1, 63, 64, 65, 128, 1000, PER_BLOCK - 64, PER_BLOCK, PER_BLOCK + 64, 2 * PER_BLOCK};
        int bits = 0;
        root.moveTo(bitset.empty().block());
        for (int i = 0; i < 60; i++) {
            int size = places[random.nextInt(places.length)];
            if (size % PER_BLOCK == 0 && size < bits && size / PER_BLOCK == bits / PER_BLOCK) {
                continue; // the array keeps a stale tail block then, which the next growth replaces: tested there
            }
            boolean value = random.nextBoolean();
            bitset.resize(root, bits, size, value);
            int wholeWords = (bits + 63) / 64 * 64;
            model.set(Math.min(wholeWords, size), size, false);
            if (size > wholeWords) {
                model.set(wholeWords, size, value);
            }
            for (int bit = bits; bit < Math.min(wholeWords, size); bit++) {
                bitset.clear(root, bit);
                model.clear(bit);
            }
            model.clear(size, Integer.MAX_VALUE);
            bits = size;
            commitAndCompare(model, bits);
        }
    }

    /** Section 11: one word is in memory; the array gets it when another one is wanted, or by flush. */
    @Test
    void theArrayGetsAChangedWordWhenAnotherIsWanted() {
        root.moveTo(bitset.create(200, _ -> false).block());
        ArrayReader words = new ArrayReader(store.transactions(), 8);
        bitset.set(root, 3);
        assertThat(words.getLong(root.block(), 0)).isZero();
        assertThat(bitset.test(root, 3)).isTrue();
        assertThat(words.getLong(root.block(), 0)).isZero();
        assertThat(bitset.test(root, 70)).isFalse();
        assertThat(words.getLong(root.block(), 0)).isEqualTo(8);
        bitset.set(root, 71);
        bitset.flush(root);
        assertThat(words.getLong(root.block(), 1)).isEqualTo(128);
    }

    @Test
    void aFlushOfNothingChangesNothing() {
        root.moveTo(bitset.create(200, _ -> true).block());
        store.commit();
        long before = root.block();
        assertThat(bitset.test(root, 5)).isTrue();
        bitset.flush(root);
        assertThat(root.block()).isEqualTo(before);
    }

    /** The kernel marks the word even if the bit did not change, and so copies the path. */
    @Test
    void settingABitThatIsSetIsAChange() {
        root.moveTo(bitset.create(200, _ -> true).block());
        store.commit();
        long before = root.block();
        bitset.set(root, 5);
        bitset.flush(root);
        assertThat(root.block()).isNotEqualTo(before);
    }

    @Test
    void aForgottenWordIsNotWritten() {
        root.moveTo(bitset.create(200, _ -> false).block());
        store.commit();
        bitset.set(root, 5);
        store.abort();
        bitset.forget();
        assertThat(bitset.test(root, 5)).isFalse();
    }

    @Test
    void deletingReleasesEverything() {
        root.moveTo(bitset.create(PER_BLOCK * 3L, _ -> true).block());
        store.commit();
        bitset.delete(root.block());
        root.moveTo(0);
        store.commit();
        store.verify(_ -> {});
    }

    @Test
    void theCursorFindsSetBits() {
        BitSet model = new BitSet();
        Random random = new Random(3);
        int bits = PER_BLOCK + 300;
        for (int i = 0; i < 100; i++) {
            model.set(random.nextInt(bits));
        }
        root.moveTo(bitset.create(bits, bit -> model.get((int) bit)).block());
        BitsetCursor cursor = new BitsetReader(store.transactions()).cursor(root.block(), bits);
        for (int bit = model.nextSetBit(0); bit >= 0; bit = model.nextSetBit(bit + 1)) {
            assertThat(cursor.nextSet()).isTrue();
            assertThat(cursor.index()).isEqualTo(bit);
            cursor.next();
        }
        assertThat(cursor.nextSet()).isFalse();
        assertThatThrownBy(cursor::value).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void skippingLandsWhereAsManyStepsWould() {
        int bits = PER_BLOCK + 300;
        BitSet model = random(bits, 4);
        root.moveTo(bitset.create(bits, bit -> model.get((int) bit)).block());
        for (int step : new int[]{1, 63, 64, 65, 1000, PER_BLOCK - 1}) {
            BitsetCursor cursor = new BitsetReader(store.transactions()).cursor(root.block(), bits);
            for (int bit = 0; bit < bits; bit += step, cursor.skip(step)) {
                assertThat(cursor.value()).as("bit %d", bit).isEqualTo(model.get(bit));
            }
            assertThat(cursor.valid()).isFalse();
        }
    }

    @Test
    void aBitBeyondTheEndIsCorruption() {
        root.moveTo(bitset.create(100, _ -> false).block());
        assertThatThrownBy(() -> bitset.test(root, 128)).isInstanceOf(CorruptionException.class);
        assertThatThrownBy(() -> bitset.set(root, 1 << 20)).isInstanceOf(CorruptionException.class);
    }
}

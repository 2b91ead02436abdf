package io.pdata.core.bitset;

import io.pdata.core.array.PersistentArray;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.btree.ValueType;
import io.pdata.core.transaction.TransactionManager;
import io.pdata.core.transaction.TransactionState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongPredicate;

/**
 * A bitset that can be changed: an array of 64-bit words, one of which is held in memory.
 *
 * <p>An instance serves one bitset, that is, one {@link TreeRoot}. Invariant: until {@link #flush} the word in memory,
 * if changed, is the truth and the array is behind; so every commit needs a flush first, and after a roll-back
 * {@link #forget}. Any operation on another word writes the changed one, and may thus move the root - a test, too.
 *
 * <p>Used by one thread at a time. Errors as for {@link PersistentArray}. Source: format document "persistent-data",
 * section 11.
 */
public final class PersistentBitset {
    private static final long NONE = -1;

    private final TransactionManager transactions;
    private final PersistentArray words;
    private long cachedIndex = NONE;
    private long cachedWord;
    private boolean dirty;

    public PersistentBitset(TransactionManager transactions) {
        this.transactions = transactions;
        words = new PersistentArray(transactions, ValueType.plain(Long.BYTES));
    }

    /** A new bitset without bits. */
    public TreeRoot empty() {
        return words.empty();
    }

    /** A new bitset; {@code value} says of each bit, in order, whether it is set. */
    public TreeRoot create(long bits, LongPredicate value) {
        return words.create(wordsFor(bits), (index, block, offset) -> {
            long first = index * Long.SIZE;
            long end = Math.min(first + Long.SIZE, bits);
            long word = 0;
            for (long bit = first; bit < end; bit++) {
                word |= value.test(bit) ? 1L << bit : 0;
            }
            block.set(Bytes.U64, offset, word);
        });
    }

    /**
     * Changes the length. New words are filled with {@code value}; new bits in a word that was there before keep what
     * the word has in their place, which is 0 unless a word was filled with ones.
     */
    public void resize(TreeRoot root, long oldBits, long newBits, boolean value) {
        MemorySegment word = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);
        word.set(Bytes.U64, 0, value ? -1 : 0);
        try (TransactionState change = transactions.change()) {
            words.resize(root, wordsFor(oldBits), wordsFor(newBits), word);
            if (cachedIndex >= wordsFor(newBits)) {
                forget();
            }
            change.complete();
        }
    }

    public boolean test(TreeRoot root, long bit) {
        if (cachedIndex != Math.floorDiv(bit, Long.SIZE)) {
            try (TransactionState change = transactions.change()) {
                load(root, bit, change);
                change.complete();
            }
        }
        return (cachedWord >>> bit & 1) != 0;
    }

    public void set(TreeRoot root, long bit) {
        try (TransactionState change = transactions.change()) {
            load(root, bit, change);
            cachedWord |= 1L << bit;
            dirty = true;
            change.complete();
        }
    }

    public void clear(TreeRoot root, long bit) {
        try (TransactionState change = transactions.change()) {
            load(root, bit, change);
            cachedWord &= ~(1L << bit);
            dirty = true;
            change.complete();
        }
    }

    /** Writes the word in memory into the array, if it has been set or cleared in. */
    public void flush(TreeRoot root) {
        if (dirty) {
            try (TransactionState change = transactions.change()) {
                words.setLong(root, cachedIndex, cachedWord);
                forget();
                change.complete();
            }
        }
    }

    /** Drops the word in memory unwritten, because the bitset is now another or what it was at the last commit. */
    public void forget() {
        cachedIndex = NONE;
        dirty = false;
    }

    /** Drops the bitset. */
    public void delete(long root) {
        words.delete(root);
        forget();
    }

    private void load(TreeRoot root, long bit, TransactionState change) {
        long wanted = Math.floorDiv(bit, Long.SIZE);
        if (cachedIndex != wanted) {
            flush(root);
            cachedIndex = NONE;
            cachedWord = read(root, wanted, change);
            cachedIndex = wanted;
        }
    }

    /** A missing bit does not invalidate the changes so far. */
    private long read(TreeRoot root, long wanted, TransactionState change) {
        try {
            return words.getLong(root.block(), wanted);
        } catch (RuntimeException e) {
            change.complete();
            throw e;
        }
    }

    private static long wordsFor(long bits) {
        return Math.ceilDiv(bits, Long.SIZE);
    }
}

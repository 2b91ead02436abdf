package io.pdata.core.bitset;

import io.pdata.core.array.ArrayCursor;
import java.util.NoSuchElementException;

/** Goes through a bitset from front to back. Holds no lock. Not thread-safe. Source: format document, section 11. */
public final class BitsetCursor {
    private final ArrayCursor words;
    private final long size;
    private long index;
    private long word;
    private long wordIndex = -1;

    BitsetCursor(ArrayCursor words, long size) {
        this.words = words;
        this.size = size;
    }

    /** Whether the cursor stands on a bit (false: past the last one). */
    public boolean valid() {
        return index < size;
    }

    /** The number of the bit the cursor stands on. */
    public long index() {
        return index;
    }

    /** Moves to the next bit; returns {@link #valid}. */
    public boolean next() {
        return skip(1);
    }

    /** Moves on by {@code count} bits, at most to the end; returns {@link #valid}. */
    public boolean skip(long count) {
        if (count < 0) {
            throw new IllegalArgumentException("cannot skip " + count + " bits");
        }
        index = count < size - index ? index + count : Math.max(index, size);
        return valid();
    }

    /** Moves to the first set bit that is not before the cursor; returns {@link #valid}. Looks at 64 bits at a time. */
    public boolean nextSet() {
        while (valid()) {
            long rest = load() >>> index;
            if (rest != 0) {
                return skip(Long.numberOfTrailingZeros(rest));
            }
            skip(Long.SIZE - index % Long.SIZE);
        }
        return false;
    }

    /** Whether the bit is set. */
    public boolean value() {
        if (!valid()) {
            throw new NoSuchElementException("past the end of a bitset of " + size + " bits");
        }
        return (load() >>> index & 1) != 0;
    }

    private long load() {
        long wanted = index / Long.SIZE;
        if (wanted != wordIndex) {
            words.skip(wanted - words.index());
            word = words.longValue();
            wordIndex = wanted;
        }
        return word;
    }
}

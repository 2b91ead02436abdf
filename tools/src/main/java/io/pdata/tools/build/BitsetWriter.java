package io.pdata.tools.build;

/**
 * Writes a bitset from its first bit to its last. Not thread-safe. Source: format document "persistent-data", section 11.
 */
public final class BitsetWriter {
    private final ArrayWriter words;
    private long word;
    private long next;

    public BitsetWriter(MetadataWriter out) {
        this.words = new ArrayWriter(out, Long.BYTES);
    }

    /** The first bit that can still be set. */
    public long next() {
        return next;
    }

    /** Sets {@code length} bits from {@code begin} on, which is not before {@link #next}; bits passed over stay clear. */
    public void set(long begin, long length) {
        for (long bit = begin, end = begin + length; bit < end;) {
            goTo(bit / Long.SIZE);
            long stop = Math.min(end, (bit / Long.SIZE + 1) * Long.SIZE);
            word |= -1L >>> Long.SIZE - (stop - bit) << bit % Long.SIZE;
            bit = stop;
        }
        next = begin + length;
    }

    private void goTo(long index) {
        if (index > words.length()) {
            words.addLong(word);
            word = 0;
            words.fillTo(index);
        }
    }

    /** Writes what is left of a bitset of so many bits; returns its root. */
    public long finish(long bits) {
        long length = Math.ceilDiv(bits, Long.SIZE);
        if (words.length() < length) {
            words.addLong(word);
            words.fillTo(length);
        }
        return words.finish();
    }
}

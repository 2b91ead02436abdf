package io.pdata.core.bitset;

import io.pdata.core.array.ArrayReader;
import io.pdata.core.transaction.BlockReader;

/**
 * Reads bitsets: arrays of 64-bit words, bit {@code i} being bit {@code i % 64} of word {@code i / 64}.
 *
 * <p>How many bits there are is not stored; the owner knows. An instance may be used by as many threads as the
 * {@link BlockReader} allows. Source: format document "persistent-data", section 11.
 */
public final class BitsetReader {
    private final ArrayReader words;

    public BitsetReader(BlockReader blocks) {
        this.words = new ArrayReader(blocks, Long.BYTES);
    }

    /**
     * Whether a bit is set. Costs an array lookup.
     *
     * @throws io.pdata.core.block.CorruptionException if the bitset is not that long
     */
    public boolean test(long root, long bit) {
        return (words.getLong(root, Math.floorDiv(bit, Long.SIZE)) >>> bit & 1) != 0;
    }

    /** A cursor on the first of {@code bits} bits. It holds no lock and need not be closed. */
    public BitsetCursor cursor(long root, long bits) {
        return new BitsetCursor(words.cursor(root, Math.ceilDiv(bits, Long.SIZE)), bits);
    }
}

package io.pdata.core.spacemap;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import java.lang.foreign.MemorySegment;

/**
 * The layout of a bitmap: two bits for each of 16320 consecutive blocks, 32 entries in a 64-bit word. In each pair the
 * lower bit is the high one of the count. Source: format document "persistent-data", section 4.6.
 */
public final class BitmapBlock {
    /** How many blocks one bitmap counts. */
    public static final int ENTRIES = 16320;
    /** What an entry says of a block whose count is in the overflow tree. */
    public static final int OVERFLOW = 3;

    /** The offset of the entries. */
    public static final int WORDS = 16;

    private static final int NUMBER = 8;
    private static final int ENTRIES_PER_WORD = 32;
    private static final long LOWER_BITS = 0x5555_5555_5555_5555L;

    public static final BlockValidator VALIDATOR = new BlockValidator("space map bitmap", 240779, NUMBER) {
        @Override
        protected void checkHeader(MemorySegment block, long number) {
            // Any 4080 bytes are a bitmap; whether they are the right one only a check of all references can say.
        }
    };

    private BitmapBlock() {}

    /** How many bitmaps it takes to count {@code blocks} blocks. */
    public static long bitmapsFor(long blocks) {
        return Math.ceilDiv(blocks, ENTRIES);
    }

    /** The count in an entry: 0, 1, 2 or {@link #OVERFLOW}. */
    public static int count(MemorySegment block, int entry) {
        long pair = block.get(Bytes.U64, wordOffset(entry)) >>> shift(entry);
        return (int) ((pair & 1) << 1 | pair >>> 1 & 1);
    }

    /** Sets an entry to 0, 1, 2 or {@link #OVERFLOW}. */
    static void set(MemorySegment block, int entry, int count) {
        long offset = wordOffset(entry);
        int shift = shift(entry);
        long pair = count >> 1 | (count & 1) << 1;
        block.set(Bytes.U64, offset, block.get(Bytes.U64, offset) & ~(3L << shift) | pair << shift);
    }

    /**
     * Sets a whole word of a cleared bitmap.
     *
     * @param first a multiple of 32
     * @param counts of 32 blocks, two bits each, the first block's lowest: 0, 1, 2 or {@link #OVERFLOW}
     */
    public static void setWord(MemorySegment block, int first, long counts) {
        block.set(Bytes.U64, wordOffset(first), (counts & LOWER_BITS) << 1 | counts >>> 1 & LOWER_BITS);
    }

    /** Returns 32 counts in the form of {@link #setWord}: two bits each, that of block {@code first} lowest. */
    public static long word(MemorySegment block, int first) {
        long word = block.get(Bytes.U64, wordOffset(first));
        return (word & LOWER_BITS) << 1 | word >>> 1 & LOWER_BITS;
    }

    /**
     * The first entry in {@code [from, end)} that is 0 in {@code block} and, unless that is null, in {@code other}; or
     * -1. Looks at 32 entries at a time.
     */
    static int firstFree(MemorySegment block, MemorySegment other, int from, int end) {
        long wanted = -1L << shift(from);
        for (int entry = from & -ENTRIES_PER_WORD; entry < end; entry += ENTRIES_PER_WORD) {
            long used = block.get(Bytes.U64, wordOffset(entry));
            if (other != null) {
                used |= other.get(Bytes.U64, wordOffset(entry));
            }
            long free = freeEntries(used) & wanted;
            if (free != 0) {
                int found = entry + (Long.numberOfTrailingZeros(free) >> 1);
                return found < end ? found : -1;
            }
            wanted = -1;
        }
        return -1;
    }

    /** The first entry from {@code from} on that is in use in {@code before} and not in {@code now}; or -1. */
    static int firstFreed(MemorySegment before, MemorySegment now, int from) {
        long wanted = from < ENTRIES ? -1L << shift(from) : 0;
        for (int entry = from & -ENTRIES_PER_WORD; entry < ENTRIES; entry += ENTRIES_PER_WORD) {
            long used = before.get(Bytes.U64, wordOffset(entry));
            long freed = used == 0
                    ? 0
                    : freeEntries(now.get(Bytes.U64, wordOffset(entry))) & ~freeEntries(used) & wanted;
            if (freed != 0) {
                return entry + (Long.numberOfTrailingZeros(freed) >> 1);
            }
            wanted = -1;
        }
        return -1;
    }

    /** One bit, the lower of its pair, for each entry of the word that is 0. */
    private static long freeEntries(long word) {
        return ~(word | word >>> 1) & LOWER_BITS;
    }

    private static long wordOffset(int entry) {
        return WORDS + entry / ENTRIES_PER_WORD * 8L;
    }

    private static int shift(int entry) {
        return 2 * (entry % ENTRIES_PER_WORD);
    }
}

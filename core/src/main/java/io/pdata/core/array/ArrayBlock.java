package io.pdata.core.array;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import java.lang.foreign.MemorySegment;

/**
 * The layout of an array block: consecutive values of an array. Its own number stands at another place than in all
 * other types of block. Source: format document "persistent-data", section 10.1.
 */
public final class ArrayBlock {
    private static final int MAX_ENTRIES = 4;
    private static final int ENTRIES = 8;
    private static final int VALUE_SIZE = 12;
    private static final int NUMBER = 16;
    private static final int VALUES = 24;

    public static final BlockValidator VALIDATOR = new BlockValidator("array block", 595846735, NUMBER) {
        @Override
        protected void checkHeader(MemorySegment block, long number) {
            int size = valueSize(block);
            int max = maxEntries(block);
            int entries = entries(block);
            if (size <= 0 || size > Bytes.BLOCK_SIZE - VALUES || max < 0 || max > capacity(size)) {
                throw new CorruptionException(number, type(), "claims to have room for "
                        + Integer.toUnsignedString(max) + " values of " + Integer.toUnsignedString(size) + " bytes");
            }
            if (entries < 0 || entries > max) {
                throw new CorruptionException(number, type(),
                        "claims to have " + Integer.toUnsignedString(entries) + " of at most " + max + " entries");
            }
        }
    };

    private ArrayBlock() {}

    /** How many values of {@code valueSize} bytes fit into a block. */
    public static int capacity(int valueSize) {
        return (Bytes.BLOCK_SIZE - VALUES) / valueSize;
    }

    public static int maxEntries(MemorySegment block) {
        return block.get(Bytes.U32, MAX_ENTRIES);
    }

    /** How many values there are. */
    public static int entries(MemorySegment block) {
        return block.get(Bytes.U32, ENTRIES);
    }

    /** The size of a value in bytes. */
    public static int valueSize(MemorySegment block) {
        return block.get(Bytes.U32, VALUE_SIZE);
    }

    /** Where value {@code i} is. */
    public static long valueOffset(int i, int valueSize) {
        return VALUES + (long) i * valueSize;
    }

    /** Makes a cleared block an array block without values. */
    public static void initialise(MemorySegment block, int valueSize) {
        block.set(Bytes.U32, MAX_ENTRIES, capacity(valueSize));
        block.set(Bytes.U32, VALUE_SIZE, valueSize);
    }

    /** Says how many values there are. */
    public static void setEntries(MemorySegment block, int entries) {
        block.set(Bytes.U32, ENTRIES, entries);
    }
}

package io.pdata.core.array;

import io.pdata.core.block.Bytes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.NoSuchElementException;

/**
 * Goes through an array from front to back. Works on a copy of one block at a time, so it holds no lock. If the array is
 * changed in the running transaction, the cursor either sees the change or fails at the next block; when its view has been
 * closed it fails. Not thread-safe.
 *
 * <p>A step costs nothing but one in 509 (with values of 8 bytes), which copies a block; blocks further on are
 * prefetched. Source: format document "persistent-data", section 10.2.
 */
public final class ArrayCursor {
    private static final int BLOCKS_AHEAD = 8;

    private final ArrayReader reader;
    private final long root;
    private final long size;
    private final int perBlock;
    private final int valueSize;
    private final MemorySegment copy = Arena.ofAuto().allocate(Bytes.BLOCK_SIZE, Long.BYTES);
    private long index;
    private long copied = -1;
    private long prefetched;

    ArrayCursor(ArrayReader reader, long root, long size) {
        this.reader = reader;
        this.root = root;
        this.size = size;
        this.perBlock = reader.valuesPerBlock();
        this.valueSize = reader.valueSize();
    }

    /** Whether the cursor stands on a value (false: past the last one). */
    public boolean valid() {
        return index < size;
    }

    /** The position of the value the cursor stands on. */
    public long index() {
        return index;
    }

    /** Moves to the next value; returns {@link #valid}. */
    public boolean next() {
        return skip(1);
    }

    /** Moves on by {@code count} values, at most to the end; returns {@link #valid}. */
    public boolean skip(long count) {
        if (count < 0) {
            throw new IllegalArgumentException("cannot skip " + count + " values");
        }
        index = count < size - index ? index + count : Math.max(index, size);
        return valid();
    }

    /** Copies the value to the start of {@code target}. */
    public void value(MemorySegment target) {
        MemorySegment.copy(copy, offset(), target, 0, valueSize);
    }

    /** The value, of 8 bytes. */
    public long longValue() {
        reader.checkSize(Long.BYTES);
        return copy.get(Bytes.U64, offset());
    }

    /** The value, of 4 bytes. */
    public int intValue() {
        reader.checkSize(Integer.BYTES);
        return copy.get(Bytes.U32, offset());
    }

    /** Where in the copy the value is, which is made now if need be. */
    private long offset() {
        if (!valid()) {
            throw new NoSuchElementException("past the end of an array of " + size + " values");
        }
        long block = index / perBlock;
        reader.checkOpen(root, block != copied);
        if (block != copied) {
            prefetch(block + 1);
            copied = -1; // in case of a failure
            reader.copyBlock(root, index, (int) Math.min(perBlock, size - block * perBlock), copy);
            copied = block;
        }
        return ArrayBlock.valueOffset((int) (index - block * perBlock), valueSize);
    }

    private void prefetch(long from) {
        long end = Math.min(from + BLOCKS_AHEAD, Math.ceilDiv(size, perBlock));
        for (prefetched = Math.max(prefetched, from); prefetched < end; prefetched++) {
            reader.prefetch(root, prefetched * perBlock);
        }
    }
}

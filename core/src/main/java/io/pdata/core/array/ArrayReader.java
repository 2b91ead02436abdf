package io.pdata.core.array;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.BTreeReader;
import io.pdata.core.transaction.BlockReader;
import io.pdata.core.transaction.TransactionManager;
import java.lang.foreign.MemorySegment;

/**
 * Reads arrays: dense sequences of values of one fixed size, cut into blocks that a B+tree finds by their position.
 *
 * <p>How long an array is, is not stored with it; its owner has to know. An instance may be used by as many threads as
 * the {@link BlockReader} allows. A lookup costs that of a B+tree lookup and one block more.
 *
 * <p>Errors: {@link CorruptionException} for damaged blocks, blocks of another kind of array, and by the methods that
 * return a value also if the array is shorter than asked for. Source: format document "persistent-data", section 10.
 */
public class ArrayReader {
    private static final String TYPE = "array";
    private static final long NOWHERE = -1;

    private final BlockReader blocks;
    private final BTreeReader positions;
    private final int valueSize;
    private final int perBlock;

    /**
     * @param blocks where to read
     * @param valueSize the size of a value in bytes; 1 to 4072
     */
    public ArrayReader(BlockReader blocks, int valueSize) {
        this(blocks, new BTreeReader(blocks, 1, Long.BYTES), valueSize);
    }

    /** @param positions reads the tree with the array's blocks */
    ArrayReader(BlockReader blocks, BTreeReader positions, int valueSize) {
        if (valueSize < 1 || ArrayBlock.capacity(valueSize) < 1) {
            throw new IllegalArgumentException("values of " + valueSize + " bytes");
        }
        this.blocks = blocks;
        this.positions = positions;
        this.valueSize = valueSize;
        this.perBlock = ArrayBlock.capacity(valueSize);
    }

    /** The size of a value in bytes. */
    public final int valueSize() {
        return valueSize;
    }

    /** How many values a full block has. */
    public final int valuesPerBlock() {
        return perBlock;
    }

    /**
     * Copies value {@code index} to the start of {@code value}.
     *
     * @return false if the array is not that long
     */
    public final boolean get(long root, long index, MemorySegment value) {
        long location = find(root, index);
        if (location == NOWHERE) {
            return false;
        }
        int at = (int) (index % perBlock);
        try (Block block = lock(location)) {
            if (at >= ArrayBlock.entries(block.data())) {
                return false;
            }
            MemorySegment.copy(block.data(), ArrayBlock.valueOffset(at, valueSize), value, 0, valueSize);
            return true;
        }
    }

    /** Value {@code index} of an array of 8-byte values. */
    public final long getLong(long root, long index) {
        checkSize(Long.BYTES);
        long location = require(root, index);
        Block cached = blocks.cached(location);
        long stamp = cached == null ? 0 : cached.stampFor(location, ArrayBlock.VALIDATOR);
        if (stamp != 0) {
            long value = cached.data().get(Bytes.U64, offset(index));
            if (has(cached, index) && cached.validate(stamp)) {
                return value;
            }
        }
        try (Block block = lock(location)) {
            return block.data().get(Bytes.U64, present(block, root, index));
        }
    }

    /** Value {@code index} of an array of 4-byte values. */
    public final int getInt(long root, long index) {
        checkSize(Integer.BYTES);
        long location = require(root, index);
        Block cached = blocks.cached(location);
        long stamp = cached == null ? 0 : cached.stampFor(location, ArrayBlock.VALIDATOR);
        if (stamp != 0) {
            int value = cached.data().get(Bytes.U32, offset(index));
            if (has(cached, index) && cached.validate(stamp)) {
                return value;
            }
        }
        try (Block block = lock(location)) {
            return block.data().get(Bytes.U32, present(block, root, index));
        }
    }

    /**
     * Visits every value that is there, in order. The visitor must not change the array, and has to see for itself that
     * no index is missing: an array that has shrunk may have values left beyond its end.
     */
    public final void walk(long root, Visitor visitor) {
        positions.walk(root, (key, leaf, offset) -> {
            try (Block block = lock(leaf.get(Bytes.U64, offset))) {
                int entries = ArrayBlock.entries(block.data());
                for (int i = 0; i < entries; i++) {
                    long at = ArrayBlock.valueOffset(i, valueSize);
                    if (!visitor.visit(key * perBlock + i, block.data(), at)) {
                        return false;
                    }
                }
                return true;
            }
        });
    }

    /** A cursor on the first value of an array of {@code size} values. It holds no lock and need not be closed. */
    public final ArrayCursor cursor(long root, long size) {
        return new ArrayCursor(this, root, size);
    }

    /** What {@link #walk} calls. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Gets one value, which is valid during the call only.
         *
         * @return whether to go on
         */
        boolean visit(long index, MemorySegment block, long offset);
    }

    /**
     * For cursors: checks that the array can still be read.
     *
     * @param rootToo whether to look if the root is still in use
     */
    final void checkOpen(long root, boolean rootToo) {
        if (rootToo || !(blocks instanceof TransactionManager)) {
            blocks.checkRoot(root);
        }
    }

    /** Starts reading the block that holds value {@code index}, if there is one. */
    final void prefetch(long root, long index) {
        long location = find(root, index);
        if (location != NOWHERE) {
            blocks.prefetch(location);
        }
    }

    /** Copies the block that value {@code index} is in; it has at least {@code atLeast} values. */
    final void copyBlock(long root, long index, int atLeast, MemorySegment target) {
        try (Block block = lock(require(root, index))) {
            if (ArrayBlock.entries(block.data()) < atLeast) {
                throw tooShort(root, index - index % perBlock + ArrayBlock.entries(block.data()));
            }
            target.copyFrom(block.data());
        }
    }

    /** The block that value {@code index} is in if the array is long enough. */
    final long require(long root, long index) {
        long location = find(root, index);
        if (location == NOWHERE) {
            throw tooShort(root, index);
        }
        return location;
    }

    /** The offset of value {@code index} in its block, which has to have it. */
    final long present(Block block, long root, long index) {
        if (index % perBlock >= ArrayBlock.entries(block.data())) {
            throw tooShort(root, index);
        }
        return offset(index);
    }

    /** The offset of value {@code index} in its block; inside of it, whatever that may hold. */
    private long offset(long index) {
        return ArrayBlock.valueOffset((int) (index % perBlock), valueSize);
    }

    private boolean has(Block block, long index) {
        return isOfThisKind(block) && index % perBlock < ArrayBlock.entries(block.data());
    }

    private boolean isOfThisKind(Block block) {
        return ArrayBlock.valueSize(block.data()) == valueSize && ArrayBlock.maxEntries(block.data()) == perBlock;
    }

    /** Verifies that a block belongs to an array of such values: all positions are computed from that. */
    final void checkKind(Block block) {
        if (!isOfThisKind(block)) {
            MemorySegment data = block.data();
            throw new CorruptionException(block.number(), ArrayBlock.VALIDATOR.type(),
                    "has up to " + ArrayBlock.maxEntries(data) + " values of " + ArrayBlock.valueSize(data)
                            + " bytes; expected " + perBlock + " of " + valueSize);
        }
    }

    final void checkSize(int bytes) {
        if (bytes != valueSize) {
            throw new IllegalArgumentException("the values have " + valueSize + " bytes, not " + bytes);
        }
    }

    private long find(long root, long index) {
        if (index < 0) {
            throw new IllegalArgumentException("value " + index + " of an array");
        }
        return positions.lookupLong(root, index / perBlock, NOWHERE);
    }

    private Block lock(long location) {
        Block block = blocks.readLock(location, ArrayBlock.VALIDATOR);
        try {
            checkKind(block);
            return block;
        } catch (CorruptionException e) {
            block.close();
            throw e;
        }
    }

    private static CorruptionException tooShort(long root, long index) {
        return new CorruptionException(root, TYPE, "has no value " + index + ", being shorter than its owner says");
    }
}

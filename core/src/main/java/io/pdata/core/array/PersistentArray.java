package io.pdata.core.array;

import io.pdata.core.block.Block;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.BTree;
import io.pdata.core.btree.TreeRoot;
import io.pdata.core.btree.ValueType;
import io.pdata.core.transaction.ChildReferences;
import io.pdata.core.transaction.TransactionManager;
import io.pdata.core.transaction.TransactionState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Arrays that can be changed: a copy-on-write B+tree of array blocks.
 *
 * <p>The owner of an array keeps its root and its length. Every change may move the root. Values that refer to something
 * (a {@link ValueType} with {@code inc} and {@code dec}) are counted by the array: it takes a reference of its own for
 * each value put in, and drops it when the value goes.
 *
 * <p>Used by one thread at a time. Errors as for {@link ArrayReader}, and {@link io.pdata.core.space.NoSpaceException}. If
 * a change throws, the transaction can only be rolled back. Source: format
 * document "persistent-data", section 10; the order of operations decides the bytes on disk.
 */
public final class PersistentArray extends ArrayReader {
    private final TransactionManager transactions;
    private final ValueType values;
    private final BlockPointers pointers;
    private final BTree tree;
    private final ChildReferences valueReferences;
    private final MemorySegment scratch;

    /** @param type what the values are */
    public PersistentArray(TransactionManager transactions, ValueType type) {
        this(transactions, type, new BlockPointers(transactions, type));
    }

    private PersistentArray(TransactionManager transactions, ValueType type, BlockPointers pointers) {
        this(transactions, type, pointers, new BTree(transactions, 1, pointers));
    }

    private PersistentArray(TransactionManager transactions, ValueType type, BlockPointers pointers, BTree tree) {
        super(transactions, tree, type.size());
        this.transactions = transactions;
        this.values = type;
        this.pointers = pointers;
        this.tree = tree;
        this.valueReferences = block -> {
            int entries = ArrayBlock.entries(block.data());
            if (entries > 0) {
                type.inc(block.data(), ArrayBlock.valueOffset(0, type.size()), entries);
            }
        };
        this.scratch = Arena.ofAuto().allocate(type.size(), Long.BYTES);
    }

    /** A new array without values. */
    public TreeRoot empty() {
        return tree.empty();
    }

    /** Says what is to be at a position. */
    @FunctionalInterface
    public interface Filler {
        /** Writes value number {@code index} to {@code offset} of {@code block}, where there are zeroes. */
        void fill(long index, MemorySegment block, long offset);
    }

    /** A new array of {@code size} values. */
    public TreeRoot create(long size, Filler filler) {
        checkLength(size);
        try (TransactionState change = transactions.change()) {
            TreeRoot root = tree.empty();
            int perBlock = valuesPerBlock();
            for (long first = 0; first < size; first += perBlock) {
                createBlock(root, first, (int) Math.min(perBlock, size - first), filler);
            }
            change.complete();
            return root;
        }
    }

    private void createBlock(TreeRoot root, long first, int entries, Filler filler) {
        try (Block block = newBlock()) {
            MemorySegment data = block.data();
            for (int i = 0; i < entries; i++) {
                long offset = ArrayBlock.valueOffset(i, valueSize());
                filler.fill(first + i, data, offset);
                values.inc(data, offset, 1);
            }
            ArrayBlock.setEntries(data, entries);
            tree.insertLong(root, first / valuesPerBlock(), block.number());
        }
    }

    /** Replaces value {@code index}, which must be there. */
    public void set(TreeRoot root, long index, MemorySegment value) {
        root.check(transactions);
        set(root, index, require(root.block(), index), value);
    }

    private void set(TreeRoot root, long index, long location, MemorySegment value) {
        try (TransactionState change = transactions.change();
                Block block = shadow(root, index / valuesPerBlock(), location)) {
            checkValue(value);
            long offset = present(block, root.block(), index);
            if (!values.equal(block.data(), offset, value, 0)) {
                values.dec(block.data(), offset, 1);
                values.inc(value, 0, 1);
            }
            MemorySegment.copy(value, 0, block.data(), offset, valueSize());
            change.complete();
        }
    }

    private void checkValue(MemorySegment value) {
        if (value.byteSize() < valueSize()) {
            throw new IllegalArgumentException(
                    "a value of " + value.byteSize() + " bytes for an array of values of " + valueSize());
        }
    }

    /** Replaces value {@code index} of an array of 8-byte values. */
    public void setLong(TreeRoot root, long index, long value) {
        checkSize(Long.BYTES);
        root.check(transactions);
        long location = require(root.block(), index);
        try (TransactionState change = transactions.change()) {
            scratch.set(Bytes.U64, 0, value);
            set(root, index, location, scratch);
            change.complete();
        }
    }

    /** Replaces value {@code index} of an array of 4-byte values. */
    public void setInt(TreeRoot root, long index, int value) {
        checkSize(Integer.BYTES);
        root.check(transactions);
        long location = require(root.block(), index);
        try (TransactionState change = transactions.change()) {
            scratch.set(Bytes.U32, 0, value);
            set(root, index, location, scratch);
            change.complete();
        }
    }

    /**
     * Makes an array of {@code oldSize} values one of {@code newSize}.
     *
     * @param value what new places get
     */
    public void resize(TreeRoot root, long oldSize, long newSize, MemorySegment value) {
        checkLength(oldSize);
        checkLength(newSize);
        root.check(transactions);
        try (TransactionState change = transactions.change()) {
            if (newSize > oldSize) {
                checkValue(value);
                grow(root, oldSize, newSize, value);
            } else if (newSize < oldSize) {
                shrink(root, oldSize, newSize);
            }
            change.complete();
        }
    }

    private void grow(TreeRoot root, long oldSize, long newSize, MemorySegment value) {
        int perBlock = valuesPerBlock();
        long full = newSize / perBlock;
        int tail = (int) (newSize % perBlock);
        long next = oldSize / perBlock;
        if (oldSize % perBlock > 0) {
            boolean stays = next == full;
            fillUp(root, next, stays ? tail : perBlock, value);
            if (stays) {
                return;
            }
            next++;
        }
        for (; next < full; next++) {
            append(root, next, perBlock, value);
        }
        if (tail > 0) {
            append(root, full, tail, value);
        }
    }

    /** As in the kernel, a last block stays as it is when the array shrinks to end exactly before it. */
    private void shrink(TreeRoot root, long oldSize, long newSize) {
        int perBlock = valuesPerBlock();
        long full = newSize / perBlock;
        int tail = (int) (newSize % perBlock);
        if (full < oldSize / perBlock) {
            long end = Math.ceilDiv(oldSize, perBlock);
            for (long key = Math.ceilDiv(newSize, perBlock); key < end; key++) {
                if (!tree.remove(root, key)) {
                    require(root.block(), key * perBlock);
                }
            }
        }
        if (tail > 0) {
            cutBack(root, full, tail);
        }
    }

    private void append(TreeRoot root, long key, int entries, MemorySegment value) {
        try (Block block = newBlock()) {
            fill(block, entries, value);
            tree.insertLong(root, key, block.number());
        }
    }

    private void fillUp(TreeRoot root, long key, int entries, MemorySegment value) {
        long location = require(root.block(), key * valuesPerBlock());
        try (Block block = shadow(root, key, location)) {
            fill(block, entries, value);
        }
    }

    private void cutBack(TreeRoot root, long key, int entries) {
        long location = require(root.block(), key * valuesPerBlock());
        try (Block block = shadow(root, key, location)) {
            int before = ArrayBlock.entries(block.data());
            if (before > entries) {
                values.dec(block.data(), ArrayBlock.valueOffset(entries, valueSize()), before - entries);
            }
            ArrayBlock.setEntries(block.data(), Math.min(before, entries));
        }
    }

    /** Drops an array with all its values. */
    public void delete(long root) {
        tree.delete(root);
    }

    private Block newBlock() {
        Block block = transactions.newBlock(ArrayBlock.VALIDATOR);
        ArrayBlock.initialise(block.data(), valueSize());
        return block;
    }

    private void fill(Block block, int entries, MemorySegment value) {
        MemorySegment data = block.data();
        for (int i = ArrayBlock.entries(data); i < entries; i++) {
            values.inc(value, 0, 1);
            MemorySegment.copy(value, 0, data, ArrayBlock.valueOffset(i, valueSize()), valueSize());
        }
        ArrayBlock.setEntries(data, entries);
    }

    /** Makes a block changeable, and the tree point at it. */
    private Block shadow(TreeRoot root, long key, long location) {
        Block block = transactions.shadow(location, ArrayBlock.VALIDATOR, valueReferences);
        try {
            checkKind(block);
            if (block.number() != location) {
                replace(root, key, location, block);
                return block;
            }
            // It is this array's alone if every node above it is, which the kernel takes for granted. A clone made in
            // this very transaction shares one: unsharing the path then shares the block.
            tree.overwrite(root, key, (leaf, offset) -> {});
            if (!transactions.isShared(location)) {
                return block;
            }
        } catch (RuntimeException e) {
            block.close();
            throw e;
        }
        block.close();
        return shadow(root, key, location);
    }

    /**
     * Has the tree point at a copy. In doing so it drops the original - which shadowing has done already, so one
     * reference is added first.
     */
    private void replace(TreeRoot root, long key, long original, Block copy) {
        boolean wasShared = transactions.count(original) > 0;
        transactions.inc(original);
        pointers.moving(true);
        try {
            tree.insertLong(root, key, copy.number());
        } finally {
            pointers.moving(false);
        }
        if (!wasShared && transactions.count(original) > 0) {
            // It was shared by way of a node above it, and still has its values.
            valueReferences.increment(copy);
        }
    }

    private static void checkLength(long size) {
        if (size < 0) {
            throw new IllegalArgumentException("an array of " + size + " values");
        }
    }
}

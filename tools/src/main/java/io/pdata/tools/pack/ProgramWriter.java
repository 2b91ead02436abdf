package io.pdata.tools.pack;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.btree.NodeValidator;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Writes blocks as programs that make them again: nodes of trees by how their numbers go up and down, all others as
 * they are. Grows as it is written to. Not thread-safe. Source: format document "tools-xml", sections 6.2 and 6.3.
 */
final class ProgramWriter {
    private static final int TIME_BITS = 24;
    private static final long TIME = (1 << TIME_BITS) - 1;

    private final long[] numbers = new long[Bytes.BLOCK_SIZE / Long.BYTES];
    private byte[] bytes = new byte[1 << 16];
    private int used;

    /** What has been written, up to {@link #size}. */
    byte[] bytes() {
        return bytes;
    }

    int size() {
        return used;
    }

    /** Forgets everything. */
    void clear() {
        used = 0;
    }

    /** Appends a record: a block's number, and the program for what is in it. */
    void block(long number, BlockValidator type, MemorySegment block) {
        put(number, Long.BYTES);
        int entries = block.get(Bytes.U32, NodeLayout.MAX_ENTRIES);
        int valueSize = block.get(Bytes.U32, NodeLayout.VALUE_SIZE);
        boolean leaf = block.get(Bytes.U32, NodeLayout.FLAGS) == NodeLayout.LEAF;
        long end = NodeLayout.KEYS + entries * (NodeLayout.KEY_SIZE + (long) valueSize);
        boolean plausible = entries > 0 && valueSize > 0 && entries <= numbers.length && end <= Bytes.BLOCK_SIZE;
        if (type == NodeValidator.NODE && plausible) {
            node(block, entries, valueSize, leaf);
        } else {
            literal(block, 0);
        }
    }

    /** Adds a block as the bytes that it has. */
    void rawBlock(long number, MemorySegment block) {
        put(number, Long.BYTES);
        literal(block, 0);
    }

    private void node(MemorySegment block, int entries, int valueSize, boolean leaf) {
        literal(block.asSlice(0, NodeLayout.KEYS), 0);
        numbers(block, NodeLayout.KEYS, entries, 0, -1);
        int values = NodeLayout.KEYS + entries * NodeLayout.KEY_SIZE;
        int rest = values + entries * Long.BYTES;
        if (leaf && valueSize != Long.BYTES) {
            literal(block, values);
            return;
        }
        if (rest > Bytes.BLOCK_SIZE) {
            literal(block, values); // an internal node whose header says that its values are smaller than they can be
            return;
        }
        if (leaf) {
            wide(Op.SHIFTED_RUN, entries);
            numbers(block, values, entries, TIME_BITS, -1);
            numbers(block, values, entries, 0, TIME);
        } else {
            numbers(block, values, entries, 0, -1);
        }
        literal(block, rest);
    }

    /** Bytes as they are, from a position to the end. */
    private void literal(MemorySegment from, int position) {
        int length = (int) from.byteSize() - position;
        if (length == 0) {
            return;
        }
        if (length < Op.LIMIT) {
            op(Op.LITERAL, length);
        } else {
            withOperand(Op.LITERAL_WIDE, length);
        }
        reserve(length);
        MemorySegment.copy(from, ValueLayout.JAVA_BYTE, position, bytes, used, length);
        used += length;
    }

    /** Numbers of 64 bits, each shifted and masked. */
    private void numbers(MemorySegment block, int position, int count, int shift, long mask) {
        for (int i = 0; i < count; i++) {
            numbers[i] = block.get(Bytes.U64, position + (long) i * Long.BYTES) >>> shift & mask;
        }
        withOperand(Op.SET, numbers[0]);
        for (int i = 1; i < count;) {
            long step = numbers[i] - numbers[i - 1];
            int end = i + 1;
            while (end < count && numbers[end] - numbers[end - 1] == step && ascends(end) == ascends(i)) {
                end++;
            }
            run(step, ascends(i), end - i);
            i = end;
        }
    }

    private boolean ascends(int i) {
        return Long.compareUnsigned(numbers[i], numbers[i - 1]) > 0;
    }

    private void run(long step, boolean up, int length) {
        if (step == 0) {
            countOp(Op.CONST, Op.CONST_WIDE, length);
            return;
        }
        if (length > 1) {
            countOp(Op.COUNT, Op.COUNT_WIDE, length);
        }
        long distance = up ? step : -step;
        if (Long.compareUnsigned(distance, Op.LIMIT) < 0) {
            op(up ? Op.UP : Op.DOWN, (int) distance);
        } else {
            withOperand(up ? Op.UP_WIDE : Op.DOWN_WIDE, distance);
        }
    }

    private void countOp(int narrow, int wide, int count) {
        if (count < Op.LIMIT) {
            op(narrow, count);
        } else {
            wide(wide, count);
        }
    }

    /** A number of 12 bits, four of them beside the operation. */
    private void wide(int op, int number) {
        op(op, number >>> Byte.SIZE);
        put(number, 1);
    }

    private void withOperand(int op, long operand) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(operand);
        int width = Math.max(1, Integer.highestOneBit(Math.max(1, Math.ceilDiv(bits, Byte.SIZE) * 2 - 1)));
        op(op, width);
        put(operand, width);
    }

    private void op(int op, int nibble) {
        put(op << 4 | nibble, 1);
    }

    private void put(long value, int width) {
        reserve(width);
        for (int i = 0; i < width; i++) {
            bytes[used++] = (byte) (value >>> i * Byte.SIZE);
        }
    }

    private void reserve(int more) {
        if (bytes.length - used < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, used + more));
        }
    }
}

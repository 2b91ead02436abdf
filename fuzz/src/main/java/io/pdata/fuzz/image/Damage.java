package io.pdata.fuzz.image;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.btree.NodeValidator;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One change of one block, {@value #SIZE} bytes of an input: what, to which block, where, and a value. Afterwards the
 * block's number and checksum are made right again for the type that it had, but by {@link Kind#BREAK} and
 * {@link Kind#RETYPE}.
 *
 * <p>Some kinds know the layout of nodes, so that a fuzzer reaches with one byte what it would hardly find by chance:
 * pointers to blocks that exist, keys that are out of order by one.
 */
final class Damage {
    static final int SIZE = 12;

    private static final int HEADER_FIELDS = 16;
    private static final int SUPERBLOCK_FIELDS = 120;

    /** What is done; the order is part of what an input means. */
    private enum Kind {
        BYTE, INT, LONG, HEADER, KEY, VALUE, POINTER, ADD_TO_KEY, ADD_TO_VALUE, COPY_BLOCK, RETYPE, BREAK, BITMAP_ENTRY,
        SWAP_ENTRIES, CLEAR_BLOCK, ADD_TO_ENTRIES
    }

    private static final Kind[] KINDS = Kind.values();

    private final Kind kind;
    private final int block;
    private final int where;
    private final long value;

    Damage(byte[] bytes, int at) {
        ByteBuffer record = ByteBuffer.wrap(bytes, at, SIZE).order(ByteOrder.LITTLE_ENDIAN);
        kind = KINDS[record.get() & 0xf];
        block = record.get() & 0xff;
        where = record.getShort() & 0xffff;
        value = record.getLong();
    }

    void apply(BaseImage base, PatchedDevice device) {
        int number = base.block(block);
        byte[] bytes = device.block(number);
        MemorySegment data = MemorySegment.ofArray(bytes);
        BlockValidator type = base.type(number);
        change(base, device, data, type == NodeValidator.NODE);
        if (kind == Kind.COPY_BLOCK) {
            type = base.type(base.block(value));
        } else if (kind == Kind.RETYPE) {
            type = BlockTypes.get(value);
        }
        if (kind != Kind.BREAK) {
            type.prepare(data, number);
        }
        device.patch(number, bytes);
    }

    private void change(BaseImage base, PatchedDevice device, MemorySegment data, boolean node) {
        switch (kind) {
        case BYTE, BREAK -> {
            int at = where % Bytes.BLOCK_SIZE;
            data.set(ValueLayout.JAVA_BYTE, at, (byte) (data.get(ValueLayout.JAVA_BYTE, at) ^ value));
        }
        case INT -> data.set(Bytes.U32, where % (Bytes.BLOCK_SIZE / 4) * 4L, (int) value);
        case LONG -> data.set(Bytes.U64, where % (Bytes.BLOCK_SIZE / 8) * 8L, value);
        case HEADER -> data.set(Bytes.U32, where % HEADER_FIELDS * 4L, (int) value);
        case KEY -> data.set(Bytes.U64, key(data, node, where), value);
        case VALUE -> data.set(Bytes.U64, value(data, node, where), value);
        case POINTER -> data.set(Bytes.U64, value(data, node, where), base.block(value));
        case ADD_TO_KEY -> add(data, key(data, node, where));
        case ADD_TO_VALUE -> add(data, value(data, node, where));
        case COPY_BLOCK -> data.copyFrom(MemorySegment.ofArray(device.block(base.block(value))));
        case RETYPE -> {
        }
        case BITMAP_ENTRY -> {
            int at = 16 + where % (Bytes.BLOCK_SIZE - 16);
            int shift = (int) (value & 3) * 2;
            int old = data.get(ValueLayout.JAVA_BYTE, at) & ~(3 << shift);
            data.set(ValueLayout.JAVA_BYTE, at, (byte) (old | (value >>> 2 & 3) << shift));
        }
        case SWAP_ENTRIES -> {
            swap(data, key(data, node, where), key(data, node, (int) (value & 0xffff)));
            swap(data, value(data, node, where), value(data, node, (int) (value & 0xffff)));
        }
        case CLEAR_BLOCK -> data.fill((byte) 0);
        case ADD_TO_ENTRIES -> {
            int at = node ? NodeLayout.NR_ENTRIES : 8;
            data.set(Bytes.U32, at, data.get(Bytes.U32, at) + (byte) value);
        }
        }
    }

    private void add(MemorySegment data, long at) {
        data.set(Bytes.U64, at, data.get(Bytes.U64, at) + (byte) value);
    }

    private static void swap(MemorySegment data, long a, long b) {
        long kept = data.get(Bytes.U64, a);
        data.set(Bytes.U64, a, data.get(Bytes.U64, b));
        data.set(Bytes.U64, b, kept);
    }

    /** Where a key of a node is; elsewhere some field. */
    private static long key(MemorySegment data, boolean node, int choice) {
        return node ? NodeLayout.KEYS + 8L * slot(data, choice) : value(data, false, choice);
    }

    /** Where a value of a node is; elsewhere some field, in a superblock also one that is not aligned to 8 bytes. */
    private static long value(MemorySegment data, boolean node, int choice) {
        if (!node) {
            return 4L * (choice % SUPERBLOCK_FIELDS);
        }
        long at = NodeLayout.KEYS + 8L * data.get(Bytes.U32, NodeLayout.MAX_ENTRIES)
                + (long) slot(data, choice) * data.get(Bytes.U32, NodeLayout.VALUE_SIZE);
        return Math.clamp(at, 0, Bytes.BLOCK_SIZE - 8);
    }

    private static int slot(MemorySegment data, int choice) {
        int entries = data.get(Bytes.U32, NodeLayout.NR_ENTRIES);
        return choice % Math.clamp(entries, 1, ArrayBlock.capacity(Long.BYTES));
    }
}

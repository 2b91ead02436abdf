package io.pdata.reliability.damage;

import io.pdata.core.block.Bytes;
import io.pdata.core.btree.NodeLayout;
import java.lang.foreign.MemorySegment;

/** The fields of a B+tree node, to be read and written without any check. */
final class Nodes {
    private Nodes() {}

    static int entries(MemorySegment node) {
        return node.get(Bytes.U32, NodeLayout.NR_ENTRIES);
    }

    static void setEntries(MemorySegment node, int entries) {
        node.set(Bytes.U32, NodeLayout.NR_ENTRIES, entries);
    }

    static int capacity(MemorySegment node) {
        return node.get(Bytes.U32, NodeLayout.MAX_ENTRIES);
    }

    static int valueSize(MemorySegment node) {
        return node.get(Bytes.U32, NodeLayout.VALUE_SIZE);
    }

    static long key(MemorySegment node, int slot) {
        return node.get(Bytes.U64, NodeLayout.KEYS + 8L * slot);
    }

    static void setKey(MemorySegment node, int slot, long key) {
        node.set(Bytes.U64, NodeLayout.KEYS + 8L * slot, key);
    }

    /** Where value {@code slot} is. */
    static long value(MemorySegment node, int slot) {
        return NodeLayout.KEYS + 8L * capacity(node) + (long) slot * valueSize(node);
    }

    static long pointer(MemorySegment node, int slot) {
        return node.get(Bytes.U64, value(node, slot));
    }

    static void setPointer(MemorySegment node, int slot, long pointer) {
        node.set(Bytes.U64, value(node, slot), pointer);
    }

    /** Takes an entry out, as a removal would. */
    static void delete(MemorySegment node, int slot) {
        int after = entries(node) - slot - 1;
        MemorySegment.copy(node, NodeLayout.KEYS + 8L * (slot + 1), node, NodeLayout.KEYS + 8L * slot, 8L * after);
        MemorySegment.copy(node, value(node, slot + 1), node, value(node, slot), (long) after * valueSize(node));
        setEntries(node, entries(node) - 1);
    }

    /** Puts an entry behind the last, with a value of zeroes; returns its slot. */
    static int append(MemorySegment node, long key) {
        int slot = entries(node);
        setEntries(node, slot + 1);
        setKey(node, slot, key);
        node.asSlice(value(node, slot), valueSize(node)).fill((byte) 0);
        return slot;
    }
}

package io.pdata.tools;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.device.MemoryDevice;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/** Damages an image on purpose: changes single fields and makes the checksums right again. */
final class ImageEditor {
    private final MemoryDevice device;

    ImageEditor(MemoryDevice device) {
        this.device = device;
    }

    /** Changes a block so that its checksum fits. */
    ImageEditor edit(long block, BlockValidator type, Consumer<MemorySegment> change) {
        MemorySegment bytes = read(block);
        change.accept(bytes);
        type.prepare(bytes, block);
        device.write(block * Bytes.BLOCK_SIZE, bytes);
        return this;
    }

    /** Changes a node so that its checksum fits. */
    ImageEditor node(long block, Consumer<MemorySegment> change) {
        return edit(block, NodeValidator.NODE, change);
    }

    /** Inverts a byte and leaves the checksum as it is. */
    ImageEditor breakByte(long block, int offset) {
        MemorySegment bytes = read(block);
        bytes.set(ValueLayout.JAVA_BYTE, offset,
                (byte) ~bytes.get(ValueLayout.JAVA_BYTE, offset));
        device.write(block * Bytes.BLOCK_SIZE, bytes);
        return this;
    }

    MemorySegment read(long block) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        device.reopen().read(block * Bytes.BLOCK_SIZE, bytes);
        return bytes;
    }

    static void setKey(MemorySegment node, int index, long key) {
        node.set(Bytes.U64, NodeLayout.KEYS + 8L * index, key);
    }

    static long key(MemorySegment node, int index) {
        return node.get(Bytes.U64, NodeLayout.KEYS + 8L * index);
    }

    static int entries(MemorySegment node) {
        return node.get(Bytes.U32, NodeLayout.NR_ENTRIES);
    }

    static void setEntries(MemorySegment node, int entries) {
        node.set(Bytes.U32, NodeLayout.NR_ENTRIES, entries);
    }

    /** Where value {@code index} is. */
    static long value(MemorySegment node, int index) {
        return NodeLayout.KEYS + 8L * node.get(Bytes.U32, NodeLayout.MAX_ENTRIES)
                + (long) index * node.get(Bytes.U32, NodeLayout.VALUE_SIZE);
    }

    static long longValue(MemorySegment node, int index) {
        return node.get(Bytes.U64, value(node, index));
    }

    static void setLongValue(MemorySegment node, int index, long value) {
        node.set(Bytes.U64, value(node, index), value);
    }
}

package io.pdata.tools;

import io.pdata.core.array.ArrayBlock;
import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.btree.NodeLayout;
import io.pdata.core.btree.NodeValidator;
import io.pdata.core.device.Device;
import java.lang.foreign.MemorySegment;

/** Images without what nodes and array blocks have in slots that are not in use, and so without their checksums. */
public final class UsedBytes {
    private UsedBytes() {}

    /** All of a device, as it is. */
    public static byte[] image(Device device) {
        byte[] image = new byte[(int) device.size()];
        device.read(0, MemorySegment.ofArray(image));
        return image;
    }

    /** A copy of an image. */
    public static byte[] of(byte[] image) {
        byte[] used = image.clone();
        for (int number = 0; number < used.length / Bytes.BLOCK_SIZE; number++) {
            MemorySegment block = MemorySegment.ofArray(used).asSlice((long) number * Bytes.BLOCK_SIZE,
                    Bytes.BLOCK_SIZE);
            if (is(NodeValidator.NODE, block, number)) {
                clearNode(block);
            } else if (is(ArrayBlock.VALIDATOR, block, number)) {
                clearArrayBlock(block);
            }
        }
        return used;
    }

    private static boolean is(BlockValidator type, MemorySegment block, int number) {
        try {
            type.check(block, number);
            return true;
        } catch (CorruptionException e) {
            return false;
        }
    }

    private static void clearArrayBlock(MemorySegment block) {
        block.asSlice(ArrayBlock.valueOffset(ArrayBlock.entries(block), ArrayBlock.valueSize(block))).fill((byte) 0);
        block.set(Bytes.U32, NodeLayout.CHECKSUM, 0);
    }

    private static void clearNode(MemorySegment node) {
        int entries = node.get(Bytes.U32, NodeLayout.NR_ENTRIES);
        int most = node.get(Bytes.U32, NodeLayout.MAX_ENTRIES);
        int size = node.get(Bytes.U32, NodeLayout.VALUE_SIZE);
        long values = NodeLayout.KEYS + (long) most * NodeLayout.KEY_SIZE;
        long keysEnd = NodeLayout.KEYS + (long) entries * NodeLayout.KEY_SIZE;
        node.asSlice(keysEnd, values - keysEnd).fill((byte) 0);
        node.asSlice(values + (long) entries * size).fill((byte) 0);
        node.set(Bytes.U32, NodeLayout.CHECKSUM, 0);
    }
}

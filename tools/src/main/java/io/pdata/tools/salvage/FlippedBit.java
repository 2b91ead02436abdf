package io.pdata.tools.salvage;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Finds a single flipped bit by the checksum of its block. CRC-32C is linear: the difference between the stored and the computed
 * checksum depends only on which bits are flipped, and over 4096 bytes no two single bits, and no two pairs and a
 * single bit, have the same difference. Source: Koopman, "32-Bit Cyclic Redundancy Codes for Internet Applications", 2002.
 */
final class FlippedBit {
    /** The block has no error, or more than one flipped bit. */
    static final int NONE = -1;

    private static final int POLYNOMIAL = 0x82F6_3B78;
    private static final int CHECKSUM_BYTES = Integer.BYTES;
    private static final int[] TABLE = new int[1 << Byte.SIZE];

    static {
        for (int i = 0; i < TABLE.length; i++) {
            int remainder = i;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                remainder = remainder >>> 1 ^ (remainder & 1) * POLYNOMIAL;
            }
            TABLE[i] = remainder;
        }
    }

    private FlippedBit() {}

    /**
     * Returns the index of the flipped bit, 8 for each byte and the lowest first, or {@link #NONE}. About 30,000 table
     * look-ups.
     */
    static int find(MemorySegment block, BlockValidator type) {
        int difference = BlockValidator.rawChecksum(block) ^ type.checksumXor() ^ block.get(Bytes.U32, 0);
        if (Integer.bitCount(difference) == 1) {
            return Integer.numberOfTrailingZeros(difference);
        }
        for (int bit = 0; bit < Byte.SIZE && difference != 0; bit++) {
            int effect = TABLE[1 << bit];
            for (int position = Bytes.BLOCK_SIZE - 1; position >= CHECKSUM_BYTES; position--) {
                if (effect == difference) {
                    return position * Byte.SIZE + bit;
                }
                effect = effect >>> Byte.SIZE ^ TABLE[effect & 0xFF];
            }
        }
        return NONE;
    }

    /** Inverts a bit. */
    static void flip(MemorySegment block, int index) {
        int position = index / Byte.SIZE;
        byte found = block.get(ValueLayout.JAVA_BYTE, position);
        block.set(ValueLayout.JAVA_BYTE, position, (byte) (found ^ 1 << index % Byte.SIZE));
    }
}

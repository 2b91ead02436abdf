package io.pdata.core.block;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * Knows one type of block: where it keeps its own number, the constant in its checksum, and what its header must
 * satisfy before anything else in it may be believed.
 *
 * <p>Every type has exactly one validator, compared by identity. Stateless and thread-safe. Source: format document,
 * sections 1.1, 1.2 and 2.1.
 */
public abstract class BlockValidator {
    private static final int CHECKSUM = 0;
    private static final int CHECKSUMMED_FROM = 4;

    private final String type;
    private final int xor;
    private final int numberOffset;

    /**
     * @param type what messages call this type
     * @param xor the constant that tells this type's checksum from others
     * @param numberOffset where the block's own number is stored, in bytes
     */
    protected BlockValidator(String type, int xor, int numberOffset) {
        this.type = type;
        this.xor = xor;
        this.numberOffset = numberOffset;
    }

    public final String type() {
        return type;
    }

    /** The constant that is XORed into the checksum of this type. */
    public final int checksumXor() {
        return xor;
    }

    /**
     * Verifies number, checksum and header.
     *
     * @throws CorruptionException saying what is wrong
     */
    public final void check(MemorySegment block, long number) {
        long found = block.get(Bytes.U64, numberOffset);
        if (found != number) {
            throw new CorruptionException(number, type,
                    "says it is block " + Long.toUnsignedString(found) + " (a misplaced write, or another type)");
        }
        int stored = block.get(Bytes.U32, CHECKSUM);
        int computed = rawChecksum(block) ^ xor;
        if (stored != computed) {
            HexFormat hex = HexFormat.of();
            throw new CorruptionException(number, type, "bad checksum: expected " + hex.toHexDigits(computed)
                    + ", found " + hex.toHexDigits(stored));
        }
        checkHeader(block, number);
    }

    /** Stores number and checksum, immediately before the block is written. */
    public final void prepare(MemorySegment block, long number) {
        block.set(Bytes.U64, numberOffset, number);
        block.set(Bytes.U32, CHECKSUM, rawChecksum(block) ^ xor);
    }

    /**
     * Verifies what is special to the type; number and checksum are right already.
     *
     * @throws CorruptionException saying what is wrong
     */
    protected abstract void checkHeader(MemorySegment block, long number);

    /** CRC-32C of bytes 4 to 4095, begun with all ones and without the final complement. */
    public static int rawChecksum(MemorySegment block) {
        CRC32C crc = new CRC32C();
        ByteBuffer bytes = block.asSlice(CHECKSUMMED_FROM, Bytes.BLOCK_SIZE - CHECKSUMMED_FROM).asByteBuffer();
        crc.update(bytes);
        return ~(int) crc.getValue();
    }
}

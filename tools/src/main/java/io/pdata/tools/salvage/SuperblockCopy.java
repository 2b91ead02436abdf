package io.pdata.tools.salvage;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.device.DeviceException;
import io.pdata.tools.MetadataFile;
import java.lang.foreign.MemorySegment;

/**
 * A superblock for a repair, which also has a use for a damaged one. A single flipped bit is corrected in the copy; the file
 * is only read.
 *
 * @param block the bytes, all zero if the device cannot read them
 * @param state whether the fields can be believed
 * @param problem the damage; empty for a sound superblock
 */
public record SuperblockCopy(MemorySegment block, State state, String problem) {
    private static final long NUMBER = 0;

    /** How far a superblock's fields can be believed. */
    public enum State {
        /** Its checksum is right. */
        SOUND,
        /** One bit was flipped, and is corrected. */
        CORRECTED,
        /** Any field may be wrong. */
        DAMAGED
    }

    /**
     * Reads block 0.
     *
     * @throws io.pdata.core.store.MetadataRefusedException if its checksum is right and its version is not supported
     */
    public static SuperblockCopy read(MetadataFile file, BlockValidator type) {
        MemorySegment block = MemorySegment.ofArray(new byte[Bytes.BLOCK_SIZE]);
        try {
            file.copy(NUMBER, block);
            type.check(block, NUMBER);
            return new SuperblockCopy(block, State.SOUND, "");
        } catch (CorruptionException e) {
            return corrected(block, type, e.getMessage());
        } catch (DeviceException e) {
            return new SuperblockCopy(block, State.DAMAGED, e.getMessage());
        }
    }

    private static SuperblockCopy corrected(MemorySegment block, BlockValidator type, String problem) {
        int bit = FlippedBit.find(block, type);
        if (bit == FlippedBit.NONE) {
            return new SuperblockCopy(block, State.DAMAGED, problem);
        }
        FlippedBit.flip(block, bit);
        try {
            type.check(block, NUMBER);
        } catch (CorruptionException e) {
            FlippedBit.flip(block, bit);
            return new SuperblockCopy(block, State.DAMAGED, problem);
        }
        return new SuperblockCopy(block, State.CORRECTED, "superblock: bit " + bit % Byte.SIZE + " of byte "
                + bit / Byte.SIZE + " was flipped; the repair uses the corrected value");
    }

    /** Whether all fields can be believed. */
    public boolean isTrusted() {
        return state != State.DAMAGED;
    }
}

package io.pdata.tools.inspect;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import io.pdata.core.store.MetadataRefusedException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a damaged block once was: a block whose checksum is of one type, but not its number or header; or one whose
 * number and header are of one type, but not its checksum. Space maps have nothing but the checksum to know them by.
 *
 * @param kind the type
 * @param problem what is wrong with it
 * @param mended the block with number and checksum put right, which can be decoded as one of that type; null if its
 *        header cannot be
 */
record BlockGuess(BlockKind kind, String problem, MemorySegment mended) {
    private static final int CHECKSUM = 0;

    /** Looks at a block that is of no type as it stands. */
    static Optional<BlockGuess> of(MemorySegment block, long number) {
        return typed().filter(kind -> isByChecksum(kind.validator(), block)).findFirst()
                .or(() -> typed().filter(kind -> kind.saysWhatItIs() && isByHeader(kind.validator(), block, number))
                        .findFirst())
                .map(kind -> new BlockGuess(kind, problem(kind.validator(), block, number),
                        mended(kind.validator(), block, number)));
    }

    private static Stream<BlockKind> typed() {
        return Stream.of(BlockKind.values()).filter(kind -> kind.validator() != null);
    }

    private static boolean isByChecksum(BlockValidator validator, MemorySegment block) {
        return block.get(Bytes.U32, CHECKSUM) == (BlockValidator.rawChecksum(block) ^ validator.checksumXor());
    }

    private static boolean isByHeader(BlockValidator validator, MemorySegment block, long number) {
        return problem(validator, block, number).contains("checksum") && mended(validator, block, number) != null;
    }

    private static String problem(BlockValidator validator, MemorySegment block, long number) {
        try {
            validator.check(block, number);
            return "";
        } catch (CorruptionException | MetadataRefusedException e) {
            return e.getMessage();
        }
    }

    private static MemorySegment mended(BlockValidator validator, MemorySegment block, long number) {
        MemorySegment copy = Arena.ofAuto().allocate(Bytes.BLOCK_SIZE, Bytes.BLOCK_SIZE).copyFrom(block);
        validator.prepare(copy, number);
        return problem(validator, copy, number).isEmpty() ? copy : null;
    }
}

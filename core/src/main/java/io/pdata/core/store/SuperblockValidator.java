package io.pdata.core.store;

import io.pdata.core.block.BlockValidator;
import io.pdata.core.block.Bytes;
import io.pdata.core.block.CorruptionException;
import java.lang.foreign.MemorySegment;

/**
 * What the superblocks of all targets have in common: their own number at 8, a magic number at 32 and a version at 40.
 * A version that is not known is refused at once, before anything else is believed.
 */
public class SuperblockValidator extends BlockValidator {
    private static final int BLOCK_NUMBER = 8;
    private static final int MAGIC = 32;
    private static final int VERSION = 40;

    private final long magic;
    private final int minVersion;
    private final int maxVersion;

    /**
     * @param type what messages call it, for example "thin superblock"
     * @param xor the constant in its checksum
     * @param magic what must stand at offset 32
     * @param minVersion the oldest version that is understood
     * @param maxVersion the newest; -1, as unsigned the largest, for any
     */
    public SuperblockValidator(String type, int xor, long magic, int minVersion, int maxVersion) {
        super(type, xor, BLOCK_NUMBER);
        this.magic = magic;
        this.minVersion = minVersion;
        this.maxVersion = maxVersion;
    }

    @Override
    protected final void checkHeader(MemorySegment block, long number) {
        long found = block.get(Bytes.U64, MAGIC);
        if (found != magic) {
            throw new CorruptionException(number, type(),
                    "bad magic number: expected " + magic + ", found " + Long.toUnsignedString(found));
        }
        int version = block.get(Bytes.U32, VERSION);
        if (Integer.compareUnsigned(version, minVersion) < 0 || Integer.compareUnsigned(version, maxVersion) > 0) {
            throw new MetadataRefusedException(type() + ": version " + Integer.toUnsignedString(version)
                    + " is not supported (" + minVersion + " to " + Integer.toUnsignedString(maxVersion) + " are)");
        }
        checkFields(block, number);
    }

    /** Verifies what else must be right in this type. */
    protected void checkFields(MemorySegment block, long number) {}
}

package io.pdata.thin.pool;

/**
 * Where things are in an intent log. Numbers are little-endian; checksums are CRC-32C.
 *
 * <p>The first {@value #HEADER_SIZE} bytes are the header; from there on records of {@value #RECORD_SIZE} bytes follow each
 * other, up to the first whose checksum is wrong.
 */
final class IntentLogLayout {
    static final int HEADER_SIZE = 4096;
    static final int RECORD_SIZE = 32;

    // Header
    /** Of bytes 4 to 63. */
    static final int HEADER_CHECKSUM = 0;
    static final int VERSION = 4;
    static final int MAGIC = 8;
    /** The run of the machine's kernel in which the records were written, 16 bytes. */
    static final int BOOT = 16;
    /** A number that no other header of this log has had: part of the checksum of each record. */
    static final int GENERATION = 32;
    /** The checksum of the metadata's superblock that the records follow. */
    static final int BASE = 40;
    static final int HEADER_END = 64;

    // Record
    /** Of bytes 4 to 31 and the header's generation. */
    static final int RECORD_CHECKSUM = 0;
    static final int KIND = 4;
    static final int DEVICE = 8;
    static final int BEGIN = 16;
    /** {@link #MAP}: the data block; {@link #UNMAP}: the first virtual block that stays. */
    static final int VALUE = 24;

    static final int MAP = 1;
    static final int UNMAP = 2;

    static final long MAGIC_NUMBER = 0x676F4C6E69685470L;
    static final int CURRENT_VERSION = 1;

    private IntentLogLayout() {}
}

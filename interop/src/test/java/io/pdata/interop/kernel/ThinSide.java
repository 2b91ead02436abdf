package io.pdata.interop.kernel;

/**
 * Somebody who uses a thin pool: the kernel, this project, or the plain model of what both ought to do. Blocks are
 * counted in the pool's data block size.
 */
interface ThinSide {
    void create(int id);

    void snapshot(int id, int origin);

    void delete(int id);

    /** Writes {@code count} whole blocks; block {@code begin + i} becomes {@code whole(tag + i)}. */
    void write(int id, long begin, int count, long tag);

    /** Writes the first {@value BlockContent#PART} bytes of a block, as in {@code whole(tag)}. */
    void writePart(int id, long block, long tag);

    void discard(int id, long begin, long count);

    void reserveMetadataSnapshot();

    void releaseMetadataSnapshot();

    void setTransactionId(long current, long next);

    /** Grows data and metadata device to these numbers of blocks. */
    void grow(long dataBlocks, long metadataBlocks);
}

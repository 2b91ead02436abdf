package io.pdata.thin;

/**
 * Virtual blocks that follow each other, mapped to data blocks that follow each other.
 *
 * @param virtualBegin the first virtual block
 * @param dataBegin the data block it is mapped to
 * @param length how many blocks
 * @param mayBeShared whether they may be shared with another device: {@code false} is certain, {@code true} is not
 */
public record MappedRange(long virtualBegin, long dataBegin, long length, boolean mayBeShared) {

    /** The first virtual block after the range. */
    public long virtualEnd() {
        return virtualBegin + length;
    }
}

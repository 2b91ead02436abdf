package io.pdata.interop.kernel;

/** Somebody who uses a cached device: the kernel, or the plain model of what it ought to contain. */
interface CacheSide {
    /** Writes {@code count} whole blocks; block {@code begin + i} becomes {@code whole(tag + i)}. */
    void write(int begin, int count, long tag);

    /** Writes the first {@value BlockContent#PART} bytes of a block, as in {@code whole(tag)}. */
    void writePart(int block, long tag);

    void read(int begin, int count);

    void discard(int begin, int count);
}

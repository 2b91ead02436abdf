package io.pdata.nbd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory for what is read and written in a connection; one piece at a time. For one thread. */
final class Buffer {
    /** What is read or written at a time. */
    static final int PIECE = 256 << 10;
    /** The most there can be of it. */
    static final int LARGE = 2 << 20;

    private static final long ALIGNMENT = 4096;

    private MemorySegment memory = MemorySegment.NULL;

    /** @param length up to {@link #LARGE} */
    MemorySegment of(long length) {
        if (memory.byteSize() < length) {
            memory = Arena.ofAuto().allocate(length <= PIECE ? PIECE : LARGE, ALIGNMENT);
        }
        return memory.asSlice(0, length);
    }
}

package io.pdata.core.block;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** How numbers are laid out on disk: little-endian, at any alignment. */
public final class Bytes {
    /** The size of every block, in bytes. */
    public static final int BLOCK_SIZE = 4096;

    public static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    public static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Bytes() {}
}

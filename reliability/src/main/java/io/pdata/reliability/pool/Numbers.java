package io.pdata.reliability.pool;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** How numbers go between two processes. */
final class Numbers {
    static final ValueLayout.OfLong BIG_ENDIAN = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Numbers() {}
}

package io.pdata.core.transaction;

import java.util.BitSet;

/** The blocks that were allocated in the running transaction; a bit for each block of the device. */
final class ShadowTable {
    private final BitSet blocks = new BitSet();

    void add(long block) {
        blocks.set((int) block);
    }

    boolean contains(long block) {
        return block >= 0 && block <= Integer.MAX_VALUE && blocks.get((int) block);
    }

    void clear() {
        blocks.clear();
    }
}

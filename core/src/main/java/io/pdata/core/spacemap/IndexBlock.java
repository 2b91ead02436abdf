package io.pdata.core.spacemap;

import io.pdata.core.block.BlockValidator;
import java.lang.foreign.MemorySegment;

/**
 * The layout of the metadata space map's index: one block full of {@link IndexEntry index entries}. Source: format
 * document "persistent-data", section 4.3.
 */
public final class IndexBlock {
    /** How many entries there is room for, used or not. */
    public static final int ENTRIES = 255;

    private static final int NUMBER = 8;
    private static final int FIRST_ENTRY = 16;

    public static final BlockValidator VALIDATOR = new BlockValidator("space map index", 160478, NUMBER) {
        @Override
        protected void checkHeader(MemorySegment block, long number) {
            // Nothing but entries; each is checked when it is used, because unused ones may hold anything.
        }
    };

    private IndexBlock() {}

    /** Where entry {@code i} is. */
    public static int entryOffset(long i) {
        return FIRST_ENTRY + (int) i * IndexEntry.SIZE;
    }
}

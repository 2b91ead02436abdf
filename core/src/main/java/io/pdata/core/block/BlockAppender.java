package io.pdata.core.block;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** Makes new blocks of metadata. Whether it may be used by several threads is the implementation's to say. */
@FunctionalInterface
public interface BlockAppender {

    /**
     * Makes a block.
     *
     * @param type sees to its number and checksum
     * @param content fills the block, which is all zeroes; it may be kept for the call only
     * @return its number
     */
    long append(BlockValidator type, Consumer<MemorySegment> content);
}

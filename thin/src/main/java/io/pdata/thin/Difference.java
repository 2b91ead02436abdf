package io.pdata.thin;

/** How two devices of a pool compare at some of their blocks. */
public enum Difference {
    /** Only the first device has these blocks mapped. */
    LEFT_ONLY,
    /** Only the second device has these blocks mapped. */
    RIGHT_ONLY,
    /** Both have them mapped, to different data blocks. */
    DIFFERENT,
    /** Both have them mapped, to the same data blocks. */
    SAME;

    /** Gets ranges of blocks in ascending order. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Some blocks that follow each other, in the devices and among the data blocks.
         *
         * @param begin the first virtual block
         * @param length how many blocks, above 0
         * @param left the data block of the first device; -1 if there is none
         * @param right the data block of the second device; -1 if there is none
         * @return whether to go on
         */
        boolean visit(Difference difference, long begin, long length, long left, long right);
    }
}

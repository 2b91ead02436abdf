package io.pdata.thin;

import io.pdata.core.btree.BTreeReader;
import io.pdata.core.btree.TreeComparison;
import io.pdata.core.transaction.BlockReader;

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

    /**
     * Compares two trees of mappings, each of one device, in a committed state. Parts that they share are not looked at,
     * unless what is the same is to be told of too.
     *
     * @param first the first virtual block to compare
     * @param last the last one, unsigned
     * @param same whether blocks that are the same are told of
     * @return how many nodes of the two trees have been read
     * @throws io.pdata.core.block.CorruptionException if a tree is damaged
     */
    public static long between(BlockReader blocks, long leftRoot, long rightRoot, long first, long last, boolean same,
            Visitor visitor) {
        DifferenceRuns runs = new DifferenceRuns(same, visitor);
        long nodes = TreeComparison.run(new BTreeReader(blocks, 1, Long.BYTES), leftRoot, rightRoot, first, last, same,
                runs);
        runs.end();
        return nodes;
    }

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

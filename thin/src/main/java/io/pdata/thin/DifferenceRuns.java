package io.pdata.thin;

import io.pdata.core.btree.TreeComparison;

/** Makes ranges out of single blocks that are compared. */
final class DifferenceRuns implements TreeComparison.Visitor {
    private static final long NOTHING = -1;

    private final boolean same;
    private final Difference.Visitor visitor;
    private Difference kind;
    private long begin;
    private long length;
    private long left;
    private long right;

    /** @param same whether blocks that are the same are told of */
    DifferenceRuns(boolean same, Difference.Visitor visitor) {
        this.same = same;
        this.visitor = visitor;
    }

    @Override
    public boolean left(long key, long value) {
        return add(Difference.LEFT_ONLY, key, BlockTime.block(value), NOTHING);
    }

    @Override
    public boolean right(long key, long value) {
        return add(Difference.RIGHT_ONLY, key, NOTHING, BlockTime.block(value));
    }

    @Override
    public boolean both(long key, long leftValue, long rightValue) {
        long leftBlock = BlockTime.block(leftValue);
        long rightBlock = BlockTime.block(rightValue);
        if (leftBlock != rightBlock) {
            return add(Difference.DIFFERENT, key, leftBlock, rightBlock);
        }
        return !same || add(Difference.SAME, key, leftBlock, rightBlock);
    }

    private boolean add(Difference difference, long key, long leftBlock, long rightBlock) {
        if (difference == kind && key == begin + length && follows(leftBlock, left) && follows(rightBlock, right)) {
            length++;
            return true;
        }
        boolean more = end();
        kind = more ? difference : null;
        begin = key;
        length = 1;
        left = leftBlock;
        right = rightBlock;
        return more;
    }

    private boolean follows(long block, long first) {
        return first == NOTHING ? block == NOTHING : block == first + length;
    }

    /** Tells of the range that has been gathered, if there is one. */
    boolean end() {
        return kind == null || visitor.visit(kind, begin, length, left, right);
    }
}
